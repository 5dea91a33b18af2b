//! See the check of the same name.
#![no_main]

#[path = "../checks/messages.rs"]
mod check;

use std::sync::LazyLock;

use gengfu_field::mqtt::Routes;

static ROUTES: LazyLock<Routes> = LazyLock::new(check::routes);

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| check::check(&ROUTES, bytes));
