//! Making something new replaces nothing.

use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn of_two_who_make_the_same_one_is_refused() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let make =
        async |name: &str| chen.make("/api/v1/people/zhou", json!({ "name": name })).await.status;
    let (one, two) = tokio::join!(make("one"), make("two"));
    assert!(one.is_success() != two.is_success(), "{one} {two}");
}
