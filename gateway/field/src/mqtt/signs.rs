//! Signs of life of devices that no alarm may come of: one a second of each is enough for those who look
//! at them, and spares the engine thousands.

use std::collections::BTreeMap;

use gengfu_core::{
    id::DeviceId,
    input::Input,
    time::{Span, Timestamp},
};
use parking_lot::Mutex;

/// A sign of life counts again after this.
const EVERY: Span = Span::secs(1);

/// When each device was heard last.
#[derive(Debug, Default)]
pub(super) struct Signs(Mutex<BTreeMap<DeviceId, Timestamp>>);

impl Signs {
    /// Takes out those that say nothing new. Once anything is gone, everybody's next one counts: it may be
    /// the one that says that it is back.
    pub fn thin(&self, inputs: &mut Vec<Input>, now: Timestamp) {
        let mut heard = self.0.lock();
        inputs.retain(|input| match input {
            Input::Heard(device) => {
                let last = heard.get(device).copied();
                // A clock that was put back begins anew.
                let is_news = last.is_none_or(|last| now < last || now >= last + EVERY);
                if is_news {
                    heard.insert(device.clone(), now);
                }
                is_news
            }
            Input::Gone { .. } => {
                heard.clear();
                true
            }
            _ => true,
        });
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::NoData;

    use super::*;

    #[test]
    fn one_sign_a_second_counts_and_the_first_after_something_was_gone() {
        let signs = Signs::default();
        let start = Timestamp::from_millis(1_000_000);
        let heard = |ms, device: &str| {
            let mut inputs = vec![Input::Heard(device.into())];
            signs.thin(&mut inputs, start + Span::millis(ms));
            inputs.len()
        };
        let counted: Vec<usize> = [0, 300, 999, 1_000, 1_500].map(|ms| heard(ms, "a")).into();
        assert_eq!(counted, [1, 0, 0, 1, 0]);
        assert_eq!(heard(1_500, "b"), 1, "another device");
        let mut gone = vec![Input::Gone { device: "bridge".into(), reason: NoData::Offline }];
        signs.thin(&mut gone, start + Span::millis(1_600));
        assert_eq!((gone.len(), heard(1_700, "a")), (1, 1), "it is back");
        let mut inputs = vec![Input::Heard("a".into())];
        signs.thin(&mut inputs, start);
        assert_eq!(inputs.len(), 1, "a clock that was put back");
    }
}
