//! Signs of life of devices that no alarm may come of: one a second of each is enough for those who look
//! at them, and spares the engine thousands.

use std::{collections::BTreeMap, sync::Arc};

use gengfu_core::{
    id::DeviceId,
    input::Input,
    time::{Span, Timestamp},
};
use parking_lot::Mutex;

/// A sign of life counts again after this.
const EVERY: Span = Span::secs(1);

/// When each device was heard last; copies share it, as the sessions at one broker do.
#[derive(Debug, Clone, Default)]
pub(super) struct Signs(Arc<Mutex<BTreeMap<DeviceId, Timestamp>>>);

impl Signs {
    /// Takes out those that say nothing new. Once anything is gone, everybody's next one counts: it may be
    /// the one that says that it is back. Without room for them, all are taken out.
    pub fn thin(&self, inputs: &mut Vec<Input>, now: Timestamp, has_room: bool) {
        let mut heard = self.0.lock();
        inputs.retain(|input| match input {
            Input::Heard(device) => {
                let last = heard.get(device).copied();
                // A clock that was put back begins anew.
                let is_news = has_room && last.is_none_or(|last| now < last || now >= last + EVERY);
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

    /// What the other session has heard: whether anything is gone.
    pub fn note(&self, inputs: &[Input]) {
        if inputs.iter().any(|input| matches!(input, Input::Gone { .. })) {
            self.0.lock().clear();
        }
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
            signs.thin(&mut inputs, start + Span::millis(ms), true);
            inputs.len()
        };
        let counted: Vec<usize> = [0, 300, 999, 1_000, 1_500].map(|ms| heard(ms, "a")).into();
        assert_eq!(counted, [1, 0, 0, 1, 0]);
        assert_eq!(heard(1_500, "b"), 1, "another device");
        let mut gone = vec![Input::Gone { device: "bridge".into(), reason: NoData::Offline }];
        signs.thin(&mut gone, start + Span::millis(1_600), true);
        assert_eq!((gone.len(), heard(1_700, "a")), (1, 1), "it is back");
        let mut inputs = vec![Input::Heard("a".into())];
        signs.thin(&mut inputs, start, true);
        assert_eq!(inputs.len(), 1, "a clock that was put back");
        let later = start + Span::secs(60);
        signs.thin(&mut inputs, later, false);
        assert_eq!(inputs, [], "there is no room for it");
        let mut again = vec![Input::Heard("a".into())];
        signs.thin(&mut again, later, true);
        assert_eq!(again.len(), 1, "it counts as soon as there is");
    }
}
