// A correct orchestrator of the order saga on the JDK alone: java Orchestrator.java
//
// POST /orders/SAGA_ID with the context as its body runs a saga and answers {"status", "steps"}. The participants' URLs
// come from the environment: ORDER_SERVICE_URL, INVENTORY_SERVICE_URL, … What java.net.http does by itself (it pools
// connections, and asks again when one breaks, POST included if jdk.httpclient.enableAllMethodRetry is set) is left on:
// every request carries a key, so asking twice must do no harm.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public class Orchestrator {
    record Step(String service, String action, String compensation, int attempts) {
        boolean isPivot() {
            return compensation == null;
        }
    }

    enum Result { DONE, NOT_DONE, UNKNOWN }

    record Answer(Result result, boolean mayHelp, long pause) {
        Answer(Result result, boolean mayHelp) {
            this(result, mayHelp, BACKOFF);
        }
    }

    static final List<Step> STEPS = List.of(
        new Step("order_service", "create_order", "cancel_order", 1),
        new Step("inventory_service", "reserve_inventory", "release_inventory", 1),
        new Step("payment_service", "process_payment", "refund_payment", 3),
        new Step("shipping_service", "create_shipment", "cancel_shipment", 2),
        new Step("order_service", "confirm_order", null, 3));
    static final int COMPENSATION_ATTEMPTS = 3;
    static final long BACKOFF = 100; // milliseconds, twice as much after each attempt
    static final Duration TIMEOUT = Duration.ofMillis(Long.parseLong(environment("CALL_TIMEOUT_MS", "1000")));
    static final Pattern SAYS_NO = Pattern.compile("\"success\"\\s*:\\s*false");
    static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static String environment(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }

    final String saga;
    final String context; // a JSON object

    Orchestrator(String saga, String context) {
        this.saga = saga;
        this.context = context;
    }

    Answer call(String service, String action) throws InterruptedException {
        String base = environment(service.toUpperCase() + "_URL", null);
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/" + action))
            .timeout(TIMEOUT)
            .header("Content-Type", "application/json")
            .header("X-Saga-Id", saga)
            .header("X-Correlation-ID", saga)
            .header("Authorization", "Bearer " + environment("SERVICE_TOKEN", ""))
            .header("Idempotency-Key", saga + "/" + action)
            .POST(BodyPublishers.ofString(context))
            .build();
        HttpResponse<String> response;
        try {
            response = CLIENT.send(request, BodyHandlers.ofString());
        } catch (IOException broken) {
            return new Answer(Result.UNKNOWN, true);
        }
        int status = response.statusCode();
        if (status == 429 || status == 503) {
            double seconds = Double.parseDouble(response.headers().firstValue("Retry-After").orElse("0"));
            return new Answer(Result.NOT_DONE, true, Math.max(BACKOFF, (long) (seconds * 1000)));
        }
        if (status >= 400 && status < 500) return new Answer(Result.NOT_DONE, false);
        boolean isOurs = response.headers().firstValue("X-Correlation-ID").orElse(saga).equals(saga);
        String body = response.body().strip();
        if (status != 200 || !isOurs || !body.startsWith("{") || !body.endsWith("}")) {
            return new Answer(Result.UNKNOWN, true);
        }
        if (SAYS_NO.matcher(body).find()) return new Answer(Result.NOT_DONE, false);
        return new Answer(Result.DONE, false);
    }

    Result insist(String service, String action, int attempts) throws InterruptedException {
        Result result = Result.NOT_DONE;
        for (int attempt = 1; ; ++attempt) {
            Answer answer = call(service, action);
            if (answer.result != Result.NOT_DONE) result = answer.result;
            if (answer.result == Result.DONE || !answer.mayHelp || attempt == attempts) return result;
            Thread.sleep(Math.max(answer.pause, BACKOFF << (attempt - 1)));
        }
    }

    String run() throws InterruptedException {
        Deque<Step> begun = new ArrayDeque<>(); // the latest first
        for (Step step : STEPS) {
            Result result = insist(step.service, step.action, step.attempts);
            if (result != Result.NOT_DONE) begun.push(step);
            if (result == Result.DONE) continue;
            if (result == Result.UNKNOWN && step.isPivot()) return flagged(begun.stream().map(Step::action).toList());
            return undo(begun);
        }
        return "{\"status\": \"completed\"}";
    }

    String undo(Deque<Step> begun) throws InterruptedException {
        List<String> left = new ArrayList<>();
        for (Step step : begun) {
            if (insist(step.service, step.compensation, COMPENSATION_ATTEMPTS) != Result.DONE) left.add(step.action);
        }
        return left.isEmpty() ? "{\"status\": \"compensated\"}" : flagged(left);
    }

    static String flagged(List<String> steps) {
        return steps.stream().collect(
            Collectors.joining("\", \"", "{\"status\": \"flagged\", \"steps\": [\"", "\"]}"));
    }

    static void serve(HttpExchange exchange) throws IOException {
        String context = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().getPath();
        byte[] answer;
        try {
            answer = new Orchestrator(path.substring(path.lastIndexOf('/') + 1), context).run().getBytes();
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        int port = Integer.parseInt(environment("PORT", "0"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
        server.createContext("/orders/", Orchestrator::serve);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
        System.out.println("{\"url\": \"http://127.0.0.1:" + server.getAddress().getPort() + "\"}");
    }
}
