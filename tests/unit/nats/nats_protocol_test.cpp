#include "nats_protocol.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <saga_harness/error.hpp>

namespace saga_harness::nats {
namespace {

std::vector<std::string> pieces_of(NatsReader& reader) {
  std::vector<std::string> pieces;
  while (const auto piece = reader.next()) pieces.emplace_back(piece->bytes);
  return pieces;
}

TEST(NatsProtocolTest, APayloadBelongsToItsLineWhateverIsInIt) {
  NatsReader reader;
  reader.append("PING\r\nPUB saga.7.order.created 11\r\nMSG a 1 0\r\n\r\n+OK\r\n");
  const auto ping = reader.next();
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->bytes, "PING\r\n");
  EXPECT_EQ(ping->verb, "");
  const auto published = reader.next();
  ASSERT_TRUE(published);
  EXPECT_EQ(published->verb, "PUB");
  EXPECT_EQ(published->subject, "saga.7.order.created");
  EXPECT_EQ(published->reply, "");
  EXPECT_EQ(published->payload, "MSG a 1 0\r\n");
  EXPECT_EQ(pieces_of(reader), std::vector<std::string>{"+OK\r\n"});
}

TEST(NatsProtocolTest, SubjectsRepliesAndHeadersAreToldApart) {
  NatsReader reader;
  reader.append(
      "MSG s 9 2\r\nhi\r\nmsg\ts 9 r 2\r\nhi\r\nHMSG s 9 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\nHPUB s r 12 "
      "12\r\nNATS/1.0\r\n\r\n\r\n");
  for (const char* const reply : {"", "r", "r"}) {
    const auto message = reader.next();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->subject, "s");
    EXPECT_EQ(message->reply, reply);
    EXPECT_EQ(message->payload, "hi");
  }
  const auto published = reader.next();
  ASSERT_TRUE(published);
  EXPECT_EQ(published->reply, "r");
  EXPECT_EQ(published->payload, "");
}

TEST(NatsProtocolTest, BytesMayComeInAnyPortions) {
  const std::string text = "INFO {}\r\nMSG s 1 r 5\r\na\r\nbc\r\nPUB s 0\r\n\r\n";
  NatsReader reader;
  std::vector<std::string> pieces;
  for (const char c : text) {
    reader.append({&c, 1});
    for (std::string& piece : pieces_of(reader)) pieces.push_back(std::move(piece));
  }
  EXPECT_EQ(pieces,
            (std::vector<std::string>{"INFO {}\r\n", "MSG s 1 r 5\r\na\r\nbc\r\n", "PUB s 0\r\n\r\n"}));
}

TEST(NatsProtocolTest, WhatIsNoNatsIsRefused) {
  for (const char* const text : {"PUB s\r\n", "MSG s 1 r x 5\r\n", "MSG s 1 -5\r\n",
                                 "PUB s 99999999999999\r\n", "HPUB s 9 5\r\n", "PUB s 1 2 3\r\n"}) {
    NatsReader reader;
    reader.append(text);
    EXPECT_THROW(static_cast<void>(reader.next()), Error) << text;
  }
  NatsReader reader;
  reader.append(std::string(1U << 20U, 'x'));
  EXPECT_THROW(static_cast<void>(reader.next()), Error);
}

TEST(NatsProtocolTest, AnAcknowledgementNamesConsumerAndMessage) {
  const auto old = jetstream_delivery("$JS.ACK.SAGA.order_service.2.17.40.1700000000.0");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->consumer, "order_service");
  EXPECT_EQ(old->message, 17U);
  const auto later = jetstream_delivery("$JS.ACK._.hash.SAGA.order_service.2.17.40.1700000000.0.random");
  ASSERT_TRUE(later);
  EXPECT_EQ(later->consumer, "order_service");
  EXPECT_EQ(later->message, 17U);
  EXPECT_FALSE(jetstream_delivery("_INBOX.1.2"));
  EXPECT_FALSE(jetstream_delivery("$JS.ACK.SAGA.order_service"));
}

TEST(NatsProtocolTest, AnEventIsOfASaga) {
  const auto event = nats_event("saga.bb1-7.order.created");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->saga_id, "bb1-7");
  EXPECT_EQ(event->event, "order.created");
  for (const char* const other : {"saga", "saga.7", "saga.7.", "saga..x", "sagas.7.x", "$JS.API.INFO"})
    EXPECT_FALSE(nats_event(other)) << other;
}

}  // namespace
}  // namespace saga_harness::nats
