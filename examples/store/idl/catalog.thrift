/** What can be bought, and how much of it there is. */
namespace * store.catalog

typedef string Sku

/** Smallest units, so that nothing is rounded: 450 is 4.50 EUR. */
struct Price {
  1: required i64 cents
  2: string currency = "EUR"
}

struct Product {
  1: required Sku sku
  2: required string title
  3: required Price price
  4: i32 inStock = 0
}

exception UnknownProduct {
  1: required Sku sku
}

exception SoldOut {
  1: required Sku sku
  2: i32 left = 0
}

/** Another order is being served: come again. */
exception Busy {
}

service Catalog {
  Product get(1: Sku sku) throws (1: UnknownProduct unknown) (scrimp.idempotent = "true")
  list<Product> search(1: string words) (scrimp.idempotent = "true")
  /** Asking again for the same order reserves nothing more, so it may be repeated. */
  void reserve(1: string orderId, 2: Sku sku, 3: i32 count) throws (
    1: UnknownProduct unknown, 2: SoldOut soldOut, 3: Busy busy) (scrimp.idempotent = "true")
  /** Nobody waits for it. */
  oneway void viewed(1: Sku sku)
}
