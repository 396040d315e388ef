"""A saga service tested against saga-harness as a side-car, with nothing but the standard library.

    SAGA_HARNESS=build/release/saga-harness python3 -m unittest discover -s tests/http/sidecar/python

To copy: the class SideCar as it is, and a test case that names your scenario and calls your service.
"""

import json
import os
import subprocess
import unittest
import urllib.error
import urllib.request
import uuid

from order_service import place_order

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIO = os.path.join(HERE, "..", "..", "..", "..", "scenarios", "order_processing.json")


class SideCar:
    """`saga-harness serve`, and its admin API."""

    def __init__(self, scenario):
        command = [os.environ.get("SAGA_HARNESS", "saga-harness"), "serve", scenario]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"it did not start: exit code {self.process.wait()}; see its stderr")
        ready = json.loads(line)
        self.admin, self.services = ready["admin"], ready["services"]

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        return self.process.wait(10)

    def ask(self, method, path, body=None):
        """Status and JSON of the answer. Verdicts and verifications fail with 409, which is no error here."""
        request = urllib.request.Request(f"{self.admin}/__admin{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={} if body is None else {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def must(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        if status >= 300:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer


class OrderServiceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.harness = SideCar(SCENARIO)

    @classmethod
    def tearDownClass(cls):
        assert cls.harness.stop() == 0

    def setUp(self):
        # A saga id of its own: tests could run side by side over one side-car.
        self.order = {"id": f"order-{uuid.uuid4()}", "customer_id": "CUST-123", "total_amount": 99.99,
                      "items": [{"product_id": "PROD-1", "quantity": 2}]}
        self.harness.must("POST", "/runs", {"saga_id": self.order["id"]})  # before faults are ordered for it
        self.addCleanup(self.harness.must, "POST", "/reset", {"saga_id": self.order["id"]})

    def fault(self, action, kind, **more):
        self.harness.must("POST", "/faults", {"fault": kind, "action": action, "saga_id": self.order["id"], **more})

    def place_order(self):
        """What came of it; and what the participants have to say of that: whatever fails, they must agree."""
        outcome, left = place_order(self.harness.services, self.order)
        saga = self.order["id"]
        self.harness.must("POST", "/report", {"saga_id": saga, "outcome": outcome, "flagged": left})
        status, verdict = self.harness.ask("GET", f"/verdict?saga_id={saga}&claims=idempotency_keys,names_flagged_steps")
        broken = [rule for rule in verdict["verdicts"] if rule["status"] == "violated"]
        self.assertEqual(status, 200, broken or verdict["outstanding"])
        return outcome, left

    def assert_called(self, action, times):
        question = {"saga_id": self.order["id"], "called": {"action": action}, "times": times}
        status, answer = self.harness.ask("POST", "/verify", question)
        self.assertEqual(status, 200, answer)

    def effects(self):
        ledger = self.harness.must("GET", f"/ledgers?saga_id={self.order['id']}")[self.order["id"]]
        return {step: effect["applied"] - effect["undone"] for step, effect in ledger["effects"].items()}

    def test_without_faults_every_step_is_done_once(self):
        self.assertEqual(self.place_order(), ("completed", []))
        self.assertEqual(set(self.effects().values()), {1})

    def test_a_rejected_payment_undoes_what_was_done_in_reverse(self):
        self.fault("process_payment", "rejected")
        self.assertEqual(self.place_order(), ("compensated", []))
        self.assertEqual(set(self.effects().values()), {0})
        order = {"saga_id": self.order["id"], "compensated_in_order": ["release_inventory", "cancel_order"]}
        self.harness.must("POST", "/verify", order)

    def test_a_lost_answer_is_asked_for_again_and_paid_once(self):
        self.fault("process_payment", "closed_after")
        self.assertEqual(self.place_order(), ("completed", []))
        self.assert_called("process_payment", 2)
        self.assertEqual(self.effects()["process_payment"], 1)

    def test_a_compensation_that_keeps_failing_is_handed_to_a_person(self):
        self.fault("create_shipment", "rejected")
        self.fault("refund_payment", "unavailable", times="always")
        self.assertEqual(self.place_order(), ("flagged", ["process_payment"]))
        self.assert_called("cancel_order", 1)

    def test_a_fault_that_does_not_exist_is_refused(self):
        status, answer = self.harness.ask("POST", "/faults", {"fault": "rejcted"})
        self.assertEqual(status, 400)
        self.assertIn("rejected", json.dumps(answer))


if __name__ == "__main__":
    unittest.main()
