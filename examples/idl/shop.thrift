/** Orders, and the service that takes them. */
namespace * shop

include "catalog.thrift"
include "money.thrift"

typedef i64 Timestamp

enum Status { PLACED = 1, PAID = 2, SENT = 3, RETURNED = -1 }

struct Address {
  1: required string name
  2: required string street
  3: string city
  4: optional string country = "DE"
}

union Payment {
  1: string card
  2: i64 voucher
  3: Address invoice
}

struct Line {
  1: required catalog.Product product
  2: i16 count = 1
  3: optional money.Price discount
}

struct Order {
  1: required i64 id
  2: required list<Line> lines
  3: Status status = Status.PLACED
  4: optional Timestamp placedAt
  5: optional Address address
  6: optional Payment payment
  7: map<Status, Timestamp> history
  8: optional double weightKg
  /** Orders that this one replaces. */
  9: optional list<Order> replaces
}

exception SoldOut {
  1: required catalog.Sku sku
  2: optional Timestamp until
}

service Shop {
  Order place(1: Order order) throws (1: SoldOut soldOut, 2: catalog.UnknownProduct unknown)
  list<catalog.Product> search(1: string words, 2: set<string> tags)
  oneway void seen(1: catalog.Sku sku)
}
