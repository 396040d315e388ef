"""Shows that the checks see what is wrong: can_fail.py FOLDER-OF-THE-CHECKS NAME, where NAME.json and its formats are good."""

import os
import subprocess
import sys
import tempfile

TAMPERED = [  # check, format, what stands there, what is to stand there
    ("check_prometheus.py", "prometheus", 'saga_compensated_total{type="order_processing"} 1',
     'saga_compensated_total{type="order_processing"} 2'),
    ("check_prometheus.py", "prometheus", 'le="+Inf"} 1', 'le="+Inf"} 2'),
    ("check_prometheus.py", "prometheus", "# TYPE saga_failed_total counter\n", ""),
    ("check_prometheus.py", "prometheus", 'status="ok"} 1', 'status="rejected"} 1'),
    ("check_prometheus.py", "prometheus", "saga_rollback_duration_seconds_sum{", 'saga_rollback_duration_seconds_sum{a="\\q'),
    ("check_otlp.py", "otlp", '"kind":3', '"kind":"SPAN_KIND_CLIENT"'),
    ("check_otlp.py", "otlp", '"parentSpanId":"', '"parentSpanId":"0'),
    ("check_otlp.py", "otlp", '"startTimeUnixNano":"94', '"startTimeUnixNano":"93'),
    ("check_otlp.py", "otlp", '"name":"fault"', '"name":"applied"'),
    ("check_otlp.py", "otlp", '"spanId"', '"span_id"'),
    ("check_otlp.py", "otlp", '"intValue":"1"', '"intValue":1'),
    ("check_log.py", "log", "Step 1/5: create_order - SUCCESS\n", "Step 1/5: create_order - FAILED\n"),
    ("check_log.py", "log", "Saga compensated successfully", "Saga completed successfully"),
    ("check_log.py", "log", "Compensating: cancel_order\n", "Compensating: cancel_order\nCompensating: cancel_order\n"),
]


def main():
    folder, name = sys.argv[1:]
    wrong = 0
    for check, format_name, old, new in TAMPERED:
        text = open(f"{name}.{format_name}", encoding="utf-8").read()
        if old not in text:
            print(f"{name}.{format_name} does not have {old!r}")
            wrong += 1
            continue
        with tempfile.NamedTemporaryFile("w", suffix=f".{format_name}", encoding="utf-8") as file:
            file.write(text.replace(old, new))
            file.flush()
            done = subprocess.run([sys.executable, os.path.join(folder, check), file.name, "--replay", f"{name}.json"],
                                  capture_output=True, text=True)
        if done.returncode == 0:
            print(f"{check} does not see {new!r} for {old!r}")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
