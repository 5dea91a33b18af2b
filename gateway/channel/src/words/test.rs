//! What a walk test says: the person who tests a device gets the messages of a real alarm, and every one of
//! them begins by saying that it is a test.

use super::Speaker;

impl Speaker<'_> {
    /// The title, behind the word for a test where it is one.
    pub(super) fn headed(&self) -> String {
        match self.content.test {
            true => self.pick("【测试】", "[TEST] ") + &self.title(),
            false => self.title(),
        }
    }

    /// The first line.
    pub(super) fn opening(&self) -> String {
        match self.content.test {
            true => self.pick(
                "这是巡检测试，没有真的出事。请回答“我去”，网关就知道消息送到了您手里。",
                "This is a walk test: nothing happened. Answer \"I'm going\", so that the gateway knows that it reached you.",
            ),
            false => self.lead(),
        }
    }
}
