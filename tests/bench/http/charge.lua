-- What wrk sends: one payment, in the words of the default scenario section of saga-harness; a stub takes any.
wrk.method = "POST"
wrk.body = '{"saga_id":"bench","idempotency_key":"bench/charge","customer_id":"CUST-123","total_amount":99.99}'
wrk.headers["Content-Type"] = "application/json"
