// Ways to a green that was not earned from the side-car: what is held back, planned and never struck, asked
// for and fits nothing, said and taken back, verified where nothing is known. Beside each stands what is
// rightly green.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "unearned_sidecar.hpp"

namespace saga_harness::property_test {
namespace {

using namespace unearned;

/// Asked by a test in any language: the status is the word.
const std::vector<Cheat>& sidecar_cheats() {
  static const std::vector<Cheat> kCheats{
      {"SidecarOfASagaThatCompletes", "200", [] { return Sidecar().complete().verdict(); }},
      {"SidecarOfAPlanThatStruck", "200",
       [] {
         Sidecar sidecar("process_payment.action#1:unavailable");
         sidecar.call("order_service", "create_order");
         sidecar.call("inventory_service", "reserve_inventory");
         sidecar.call("payment_service", "process_payment");
         for (const auto& [service, action] :
              {std::pair("payment_service", "process_payment"),
               std::pair("shipping_service", "create_shipment"), std::pair("order_service", "confirm_order")})
           sidecar.call(service, action);
         return sidecar.report("completed").verdict();
       }},
      {"SidecarWhoseSagaSaidNothing", "409", [] { return Sidecar().verdict(); }},
      {"SidecarOfAPlanThatNeverStruck", "409",
       [] { return Sidecar("process_payment.compensation#1:unavailable").complete().verdict(); }},
      {"SidecarOfAPlanThatNeedNotStrike", "200",
       [] {
         return Sidecar("process_payment.compensation#1:unavailable").complete().verdict("&allow=unfired");
       }},
      {"SidecarWithAFaultForNobody", "409",
       [] {
         return Sidecar()
             .order_fault(R"({"fault":"unavailable","action":"process_payment","saga_id":"typo"})")
             .complete()
             .verdict();
       }},
      {"SidecarWithACopyHeldBack", "409",
       [] { return Sidecar("process_payment.action#1:request_duplicated_later").complete().verdict(); }},
      {"SidecarWithACopyThatHasCome", "200",
       [] {
         Sidecar sidecar("process_payment.action#1:request_duplicated_later");
         sidecar.complete().ask("POST", "/drain", R"({"saga_id":"S"})");
         return sidecar.verdict();
       }},
      {"SidecarAskedForWhatItDoesNotHave", "409",
       [] {
         Sidecar sidecar;
         sidecar.call("payment_service", "refnd_payment");
         return sidecar.complete().verdict();
       }},
      {"SidecarAskedForMoreThanASagaAndThatIsAllowed", "200",
       [] {
         Sidecar sidecar;
         sidecar.call("payment_service", "health");
         return sidecar.complete().verdict("&allow=unmatched");
       }},
      {"SidecarThatIsToAllowOneThingForAnother", "409",
       [] {
         return Sidecar("process_payment.compensation#1:unavailable").complete().verdict("&allow=unmatched");
       }},
      {"SidecarWithAWordThatIsTakenBack", "409",
       [] { return Sidecar().complete().report("compensated").report("completed").verdict(); }},
      {"SidecarWithTheSameWordTwice", "200",
       [] { return Sidecar().complete().report("completed").verdict(); }},
      {"VerifyThatNothingWasRefunded", "200", [] { return Sidecar().complete().verify(kNeverRefunded); }},
      {"VerifyThatNothingWasRefundedThoughItWas", "409",
       [] {
         Sidecar sidecar;
         sidecar.call("payment_service", "refund_payment");
         return sidecar.verify(kNeverRefunded);
       }},
      {"VerifyOfARunThatIsNotThere", "404",
       [] {
         return Sidecar().complete().verify(
             R"({"called":{"action":"refund_payment"},"times":0,"saga_id":"typo"})");
       }},
      {"VerifyAfterTheJournalWasCleared", "412",
       [] {
         Sidecar sidecar;
         sidecar.call("payment_service", "refund_payment");
         sidecar.ask("DELETE", "/journal");
         return sidecar.verify(kNeverRefunded);
       }},
  };
  return kCheats;
}

class UnearnedSidecarTest : public testing::TestWithParam<Cheat> {};

TEST_P(UnearnedSidecarTest, GetsTheStatusThatItEarns) { expect_word(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Each, UnearnedSidecarTest, testing::ValuesIn(sidecar_cheats()),
                         [](const auto& cheat) { return cheat.param.name; });

}  // namespace
}  // namespace saga_harness::property_test
