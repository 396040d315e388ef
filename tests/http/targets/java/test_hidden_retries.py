"""java.net.http asks again by itself when a pooled connection breaks; the journal shows what its caller never sees."""

import json
import os
import shutil
import subprocess
import sys
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "sidecar", "python"))

from test_order_service import SCENARIO, SideCar  # noqa: E402


@unittest.skipUnless(shutil.which("java"), "there is no java")
class HiddenRetriesTest(unittest.TestCase):
    def setUp(self):
        self.harness = SideCar(SCENARIO)
        self.addCleanup(self.harness.stop)

    def start_saga(self, url, saga):
        context = self.harness.must("GET", "/scenario")["saga"]["context"]
        request = urllib.request.Request(f"{url}/orders/{saga}", data=json.dumps(context).encode())
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["status"]

    def run_saga(self, *options):
        """A second saga, over connections that a first one left: how it ended, and its journal of create_order."""
        urls = {f"{name.upper()}_URL": url for name, url in self.harness.services.items()}
        command = ["java", "-XX:TieredStopAtLevel=1", *options, os.path.join(HERE, "Orchestrator.java")]
        environment = {**os.environ, **urls, "CALL_TIMEOUT_MS": "20000"}
        target = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        try:
            url = json.loads(target.stdout.readline())["url"]
            self.assertEqual(self.start_saga(url, "first"), "completed")
            # The orchestrator itself asks for this action once, whatever comes of it.
            self.harness.must("POST", "/faults", {"fault": "closed_before", "action": "create_order"})
            status = self.start_saga(url, "second")
        finally:
            target.kill()
            target.wait()
            target.stdout.close()
        journal = self.harness.must("GET", "/journal?saga_id=second&action=create_order")["entries"]
        return status, journal

    def test_a_post_is_sent_twice_on_two_connections_with_one_key(self):
        status, journal = self.run_saga("-Djdk.httpclient.enableAllMethodRetry=true")
        self.assertEqual(status, "completed")
        self.assertEqual([entry["fault"] for entry in journal], ["closed_before", None])
        self.assertEqual(len({entry["connection"] for entry in journal}), 2)
        self.assertEqual(len({entry["idempotency_key"] for entry in journal}), 1)

    def test_without_that_it_is_sent_once(self):
        status, journal = self.run_saga()
        self.assertEqual(status, "compensated")
        self.assertEqual(len(journal), 1)


if __name__ == "__main__":
    unittest.main()
