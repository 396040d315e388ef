#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include <saga_harness/report_writers.hpp>

#include "text/drawing.hpp"
#include "text/foreign_text.hpp"
#include "text/report_wording.hpp"

namespace saga_harness {

namespace {

using reports::xml;

constexpr int kTimes = 92;     // where times end
constexpr int kFirst = 210;    // the lifeline of the coordinator or the bus
constexpr int kBetween = 230;  // lifelines
constexpr int kMargin = 120;   // right of the last one: half of the widest note
constexpr int kHead = 58;
constexpr int kRowHeight = 30;
constexpr std::size_t kLetters = 30;  // of a label: what fits between two lifelines

/// What a note means; the class is for style sheets, the colours for where there is none.
struct Tone {
  std::string_view name;
  std::string_view fill;
  std::string_view ink;
};
constexpr Tone kFaultTone{"fault", "#ffebe9", "#a40e26"};
constexpr Tone kEffectTone{"effect", "#dafbe1", "#116329"};
constexpr Tone kDoubtTone{"doubt", "#fff8c5", "#7d4e00"};
constexpr Tone kPlainTone{"plain", "#f6f8fa", "#1f2328"};

struct Arrow {
  bool goes_out = true;  ///< from the coordinator
  bool arrives = true;   ///< false: it is lost on its way
  bool departs = true;   ///< false: it left long ago
  std::string label = {};
};
struct Note {
  bool is_services = false;
  bool spans = false;  ///< from the coordinator to the service
  Tone tone = kPlainTone;
  std::string label = {};
};

/// An event as a row of the drawing.
struct DrawnRow {
  std::size_t event = 0;
  std::optional<std::size_t> service = std::nullopt;
  std::optional<Arrow> arrow = std::nullopt;
  std::optional<Note> note = std::nullopt;
};

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> types) {
  return std::ranges::find(types, type) != types.end();
}

std::string time_text(std::int64_t at_us) {
  if (at_us < 1000) return fmt::format("{} µs", at_us);
  if (at_us < 1'000'000) return fmt::format("{}.{:03} ms", at_us / 1000, at_us % 1000);
  return fmt::format("{}.{:03} s", at_us / 1'000'000, at_us % 1'000'000 / 1000);
}

/// Which events are drawn, and as what.
class DrawnStory {
 public:
  DrawnStory(const SagaReport& saga, const ReportFinding& finding)
      : saga_(saga), finding_(finding), services_(reports::services_in(finding, saga)) {}

  [[nodiscard]] const std::vector<std::string>& services() const { return services_; }

  [[nodiscard]] std::vector<DrawnRow> rows() const {
    std::vector<DrawnRow> rows;
    for (std::size_t i = 0; i < finding_.trace.size(); ++i) {
      if (std::optional<DrawnRow> row = row_of(i)) rows.push_back(std::move(*row));
    }
    return rows;
  }

 private:
  /// Does an event of this type and call come in (from, to)?
  [[nodiscard]] bool comes(std::string_view type, int call, std::size_t from, std::size_t to) const {
    for (std::size_t i = from + 1; i < std::min(to, finding_.trace.size()); ++i) {
      if (finding_.trace[i].call == call && finding_.trace[i].type == type) return true;
    }
    return false;
  }

  [[nodiscard]] std::size_t sent_at(int call) const {
    const auto at = std::ranges::find_if(finding_.trace, [call](const ReportEvent& event) {
      return event.call == call && event.type == "sent";
    });
    return static_cast<std::size_t>(at - finding_.trace.begin());
  }

  [[nodiscard]] std::optional<Arrow> arrow_of(std::size_t number) const {
    const ReportEvent& event = finding_.trace[number];
    const std::size_t end = finding_.trace.size();
    const std::string action = reports::action_of(event, saga_);
    if (event.type == "sent") {
      const std::string label = event.attempt > 1 ? fmt::format("{} ({})", action, event.attempt) : action;
      return Arrow{.arrives = comes("delivered", event.call, number, end), .label = label};
    }
    if (event.type == "delivered") {
      const std::size_t sent = sent_at(event.call);
      const bool again = sent < number && comes("delivered", event.call, sent, number);
      const bool late = sent < number && comes("timed_out", event.call, sent, number);
      if (!again && !late) return std::nullopt;  // the arrow of the request has shown it
      return Arrow{.departs = false, .label = action + (again ? ", again" : ", late")};
    }
    if (event.type == "answered") {
      if (comes("received", event.call, number, end)) return std::nullopt;
      return Arrow{.goes_out = false, .arrives = false, .label = std::string(event.detail("status"))};
    }
    if (event.type == "received")
      return Arrow{.goes_out = false, .label = std::string(event.detail("status"))};
    if (event.type == "published")
      return Arrow{.goes_out = false, .label = std::string(event.detail("event"))};
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Note> note_of(const ReportEvent& event, bool has_service) const {
    const std::string label = reports::label_of(event, saga_);
    if (event.type == "fault") return Note{.spans = has_service, .tone = kFaultTone, .label = label};
    if (is_one_of(event.type, {"applied", "undone"}))
      return Note{.is_services = has_service, .tone = kEffectTone, .label = label};
    if (is_one_of(event.type, {"timed_out", "dropped", "crashed", "not_logged", "threw", "gave_up"}))
      return Note{.tone = kDoubtTone, .label = label};
    if (is_one_of(event.type, {"logged", "logged_step", "reported_step", "returned", "sent", "delivered",
                               "answered", "received"}))
      return std::nullopt;
    return Note{.label = label};
  }

  [[nodiscard]] std::optional<DrawnRow> row_of(std::size_t number) const {
    const ReportEvent& event = finding_.trace[number];
    DrawnRow row{.event = number};
    const auto at = std::ranges::find(services_, reports::service_of(event, saga_));
    if (at != services_.end()) row.service = static_cast<std::size_t>(at - services_.begin());
    if (row.service) row.arrow = arrow_of(number);
    if (!row.arrow) row.note = note_of(event, row.service.has_value());
    const bool is_evidence = std::ranges::find(finding_.evidence, number) != finding_.evidence.end();
    if (!row.arrow && !row.note && is_evidence) row.note = Note{.label = reports::label_of(event, saga_)};
    if (!row.arrow && !row.note) return std::nullopt;
    return row;
  }

  const SagaReport& saga_;
  const ReportFinding& finding_;
  std::vector<std::string> services_;
};

/// Places what is drawn on a sheet.
class Sheet {
 public:
  explicit Sheet(std::size_t services) : services_(services) {}

  [[nodiscard]] int x_of(std::optional<std::size_t> service) const {
    return service ? kFirst + static_cast<int>(*service + 1) * kBetween : kFirst;
  }
  [[nodiscard]] int width() const { return kFirst + static_cast<int>(services_) * kBetween + kMargin; }

  [[nodiscard]] std::string head(std::string_view name, std::optional<std::size_t> service,
                                 int bottom) const {
    const int x = x_of(service);
    return fmt::format(
        "<line class=\"life\" x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\" stroke=\"#afb8c1\" "
        "stroke-dasharray=\"3 4\"/><rect class=\"box\" x=\"{3}\" y=\"14\" width=\"200\" height=\"30\" "
        "rx=\"6\" "
        "fill=\"#f6f8fa\" stroke=\"#57606a\"/><text class=\"ink\" x=\"{0}\" y=\"34\" text-anchor=\"middle\" "
        "font-weight=\"bold\" fill=\"#1f2328\">{4}</text>\n",
        x, 44, bottom, x - 100, xml(reports::fitted(name, 26)));
  }

  [[nodiscard]] std::string arrow(const DrawnRow& row, int y) const {
    const Arrow& arrow = *row.arrow;
    const int from = arrow.goes_out ? x_of(std::nullopt) : x_of(row.service);
    const int to = arrow.goes_out ? x_of(row.service) : x_of(std::nullopt);
    const int middle = (from + to) / 2;
    const int begin = arrow.departs ? from : middle;
    const int end = arrow.arrives ? to : middle;
    const std::string_view dashes = arrow.goes_out ? "" : " stroke-dasharray=\"6 4\"";
    std::string text = fmt::format(
        "<line class=\"arrow\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"#424a53\" "
        "stroke-width=\"1.5\"{}/>",
        begin, y + 6, end, y + 6, dashes);
    if (arrow.arrives) {
      const int back = to > from ? -9 : 9;
      text += fmt::format("<path class=\"tip\" d=\"M{} {}l{} -4v8z\" fill=\"#424a53\"/>", to, y + 6, back);
    } else {
      text += fmt::format(
          "<text class=\"lost\" x=\"{}\" y=\"{}\" text-anchor=\"middle\" font-weight=\"bold\" "
          "fill=\"#a40e26\">✗</text>",
          middle, y + 11);
    }
    const int at = arrow.goes_out ? x_of(std::nullopt) + kBetween / 2 : x_of(row.service) - kBetween / 2;
    text +=
        fmt::format("<text class=\"ink\" x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#1f2328\">{}</text>",
                    at, y, xml(reports::fitted(arrow.label, kLetters)));
    return text;
  }

  [[nodiscard]] std::string note(const DrawnRow& row, int y) const {
    const Note& note = *row.note;
    const int first = note.is_services ? x_of(row.service) : x_of(std::nullopt);
    const int last = note.spans ? x_of(row.service) : first;
    const std::size_t letters =
        note.spans ? kLetters + 6 * static_cast<std::size_t>((last - first) / 60) : kLetters;
    const std::string label = reports::fitted(note.label, letters);
    const int needed = static_cast<int>(reports::width_of(label)) * 7 + 16;
    const int width = std::max(last - first + 24, std::max(needed, 60));
    const int middle = (first + last) / 2;
    return fmt::format(
        "<rect class=\"note {}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"22\" rx=\"4\" fill=\"{}\" "
        "stroke=\"{}\" stroke-opacity=\"0.5\"/><text class=\"note {}\" x=\"{}\" y=\"{}\" "
        "text-anchor=\"middle\" fill=\"{}\">{}</text>",
        note.tone.name, middle - width / 2, y - 10, width, note.tone.fill, note.tone.ink, note.tone.name,
        middle, y + 5, note.tone.ink, xml(label));
  }

  [[nodiscard]] std::string divergence(int y) const {
    return fmt::format(
        "<line class=\"divergence\" x1=\"0\" y1=\"{0}\" x2=\"{1}\" y2=\"{0}\" stroke=\"#cf222e\" "
        "stroke-width=\"1.5\" stroke-dasharray=\"8 3\"/><text class=\"divergence\" x=\"4\" y=\"{2}\" "
        "font-weight=\"bold\" fill=\"#a40e26\">first divergence</text>\n",
        y, width(), y - 4);
  }

 private:
  std::size_t services_;
};

std::string sentence_of(const ReportFinding& finding, const SagaReport& saga, std::size_t rows) {
  return fmt::format("{}: {} of the run that shows it, the first divergence marked.",
                     reports::title_of(finding, saga), reports::counted(rows, "event"));
}

}  // namespace

std::string sequence_svg(const SagaReport& saga, const ReportFinding& finding, std::size_t most,
                         std::size_t* left_out) {
  const DrawnStory story(saga, finding);
  std::vector<DrawnRow> rows = story.rows();
  const std::size_t omitted = rows.size() > most ? rows.size() - most : 0;
  rows.resize(rows.size() - omitted);
  if (left_out != nullptr) *left_out = omitted;

  const Sheet sheet(story.services().size());
  std::optional<std::uint32_t> diverges;
  if (!finding.evidence.empty()) diverges = *std::ranges::min_element(finding.evidence);
  std::string body;
  std::string last_time;
  bool has_diverged = !diverges;
  int y = kHead + 24;
  for (const DrawnRow& row : rows) {
    if (!has_diverged && row.event >= *diverges) {
      y += 14;
      body += sheet.divergence(y - 14);
      y += 12;
      has_diverged = true;
    }
    const ReportEvent& event = finding.trace[row.event];
    const bool shows = std::ranges::find(finding.evidence, row.event) != finding.evidence.end();
    if (std::string time = time_text(event.at_us); time != last_time || shows) {
      body += fmt::format(
          "<text class=\"{}\" x=\"{}\" y=\"{}\" text-anchor=\"end\" font-size=\"11\" "
          "fill=\"{}\"{}>{}{}</text>",
          shows ? "shows" : "time", kTimes - 6, y + 4, shows ? "#a40e26" : "#57606a",
          shows ? " font-weight=\"bold\"" : "", shows ? "▶ " : "", time);
      last_time = std::move(time);
    }
    body += (row.arrow ? sheet.arrow(row, y) : sheet.note(row, y)) + '\n';
    y += kRowHeight;
  }
  if (omitted > 0) {
    body += fmt::format("<text class=\"time\" x=\"{}\" y=\"{}\" fill=\"#57606a\">and {} more</text>\n",
                        kTimes, y + 4, reports::counted(omitted, "event"));
    y += kRowHeight;
  }
  std::string heads = sheet.head(reports::middle_of(saga), std::nullopt, y);
  for (std::size_t i = 0; i < story.services().size(); ++i) heads += sheet.head(story.services()[i], i, y);
  const std::string title = xml(sentence_of(finding, saga, rows.size()));
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{0}\" viewBox=\"0 0 {1} {2}\" "
      "width=\"{1}\" height=\"{2}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n"
      "<title>{0}</title>\n<rect class=\"sheet\" width=\"{1}\" height=\"{2}\" fill=\"#ffffff\"/>\n"
      "{3}{4}</svg>\n",
      title, sheet.width(), y + 10, heads, body);
}

}  // namespace saga_harness
