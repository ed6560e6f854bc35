/** Orders of customers. */
namespace * store.orders

include "catalog.thrift"

struct Order {
  1: required string id
  2: required string customer
  3: required catalog.Sku sku
  4: required i32 count
  5: required i64 cents
}

exception NoSuchOrder {
  1: required string id
}

service Orders {
  Order place(1: string id, 2: catalog.Sku sku, 3: i32 count = 1) throws (
    1: catalog.UnknownProduct unknown, 2: catalog.SoldOut soldOut)
  Order get(1: string id) throws (1: NoSuchOrder missing) (scrimp.idempotent = "true")
}
