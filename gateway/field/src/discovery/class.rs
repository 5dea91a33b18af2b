//! What is taken over of what devices announce: Home Assistant's device classes that tell of a danger,
//! of the device itself, or a measurement that helps whoever goes there. Rules are those of the shipped
//! Zigbee profiles.

use gengfu_core::{
    danger::{
        Danger::{self, Fault, Fire, Gas, Gate, Water},
        Priority::{self, Critical, High, Low, Normal},
    },
    device::Device,
    id::{BadId, PointId},
    point::{NoData, Value},
    rule::{Condition, Rule},
    text::Text,
    time::Span,
};
use serde::{Deserialize, Serialize};

/// What an entity is to Home Assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    /// It is on or off.
    BinarySensor,
    /// It has a value.
    Sensor,
}

impl Component {
    /// Its name in a topic.
    pub const fn word(self) -> &'static str {
        match self {
            Component::BinarySensor => "binary_sensor",
            Component::Sensor => "sensor",
        }
    }
}

/// A device class that is taken over.
#[derive(Debug, PartialEq)]
pub(super) struct Class {
    pub component: Component,
    pub word: &'static str,
    zh: &'static str,
    en: &'static str,
    alarm: Option<Alarm>,
}

/// The rule that watches it.
#[derive(Debug, PartialEq)]
struct Alarm {
    zh: &'static str,
    en: &'static str,
    danger: Danger,
    priority: Priority,
    latched: bool,
    on_delay_s: u64,
    off_delay_s: u64,
}

/// Where a battery's charge is an alarm, in percent, and how much it must rise above that.
const WEAK: f64 = 15.0;
const WEAK_DEADBAND: f64 = 5.0;
/// What can't be read of a detector is an alarm after so long, as in the shipped profiles.
const UNREAD: Span = Span::secs(10);

const fn binary(word: &'static str, (zh, en): (&'static str, &'static str), alarm: Alarm) -> Class {
    Class { component: Component::BinarySensor, word, zh, en, alarm: Some(alarm) }
}

const fn sensor(word: &'static str, zh: &'static str, en: &'static str) -> Class {
    Class { component: Component::Sensor, word, zh, en, alarm: None }
}

const fn alarm(
    (zh, en): (&'static str, &'static str),
    (danger, priority): (Danger, Priority),
) -> Alarm {
    Alarm { zh, en, danger, priority, latched: false, on_delay_s: 0, off_delay_s: 10 }
}

/// It stays until somebody ends it: smoke and gas thin out before the danger is over.
const fn latched(zh: &'static str, en: &'static str, danger: Danger) -> Alarm {
    Alarm { latched: true, off_delay_s: 0, ..alarm((zh, en), (danger, Critical)) }
}

/// A door that people walk through is open now and then.
const fn stays_open(zh: &'static str, en: &'static str) -> Alarm {
    Alarm { on_delay_s: 60, off_delay_s: 5, ..alarm((zh, en), (Gate, Normal)) }
}

#[rustfmt::skip]
const CLASSES: [Class; 24] = [
    binary("smoke", ("烟雾", "Smoke"), latched("火警", "Fire", Fire)),
    binary("gas", ("燃气", "Gas"), latched("燃气泄漏", "Gas leak", Gas)),
    binary("carbon_monoxide", ("一氧化碳", "Carbon monoxide"), latched("一氧化碳", "Carbon monoxide", Gas)),
    binary("moisture", ("水浸", "Water"),
        Alarm { off_delay_s: 30, ..alarm(("漏水", "Water"), (Water, High)) }),
    binary("safety", ("安全", "Safety"), alarm(("不安全", "Not safe"), (Fault, High))),
    binary("door", ("门", "Door"), stays_open("门未关闭", "The door stays open")),
    binary("garage_door", ("车库门", "Garage door"), stays_open("车库门未关闭", "The garage door stays open")),
    binary("window", ("窗", "Window"), stays_open("窗未关闭", "The window stays open")),
    binary("opening", ("开口", "Opening"), stays_open("未关闭", "It stays open")),
    binary("tamper", ("被拆", "Cover opened"),
        alarm(("传感器被拆", "The sensor's cover was opened"), (Fault, Normal))),
    binary("problem", ("故障", "Problem"),
        Alarm { on_delay_s: 10, ..alarm(("设备报告故障", "The device reports a problem"), (Fault, Normal)) }),
    binary("battery", ("电量低", "Battery low"),
        Alarm { off_delay_s: 0, ..alarm(("传感器电量低", "The sensor's battery is low"), (Fault, Low)) }),
    Class {
        alarm: Some(Alarm { off_delay_s: 0, ..alarm(("传感器电量低", "The sensor's battery is low"), (Fault, Low)) }),
        ..sensor("battery", "电量", "Battery")
    },
    sensor("temperature", "温度", "Temperature"),
    sensor("humidity", "湿度", "Humidity"),
    sensor("pressure", "压力", "Pressure"),
    sensor("voltage", "电压", "Voltage"),
    sensor("current", "电流", "Current"),
    sensor("power", "功率", "Power"),
    sensor("gas", "燃气量", "Gas"),
    sensor("carbon_monoxide", "一氧化碳浓度", "Carbon monoxide"),
    sensor("carbon_dioxide", "二氧化碳浓度", "Carbon dioxide"),
    sensor("pm25", "细颗粒物", "Fine dust"),
    sensor("signal_strength", "信号强度", "Signal strength"),
];

/// The class of this name; none for one that is not taken over.
pub(super) fn class(component: Component, word: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.component == component && class.word == word)
}

impl Class {
    /// What people call such a point.
    pub fn name(&self) -> Text {
        Text::new(self.zh, self.en)
    }

    /// What a point of this class is called among those of its device: `battery` is both a word and
    /// a charge.
    pub fn local(&self) -> &'static str {
        match (self.component, self.word) {
            (Component::BinarySensor, "battery") => "battery_low",
            (Component::Sensor, "gas") => "gas_level",
            (Component::Sensor, "carbon_monoxide") => "co_level",
            (_, word) => word,
        }
    }

    /// What its alarm says, and how much it presses; none where it has none.
    pub fn alarm(&self) -> Option<(Text, Danger, Priority)> {
        let alarm = self.alarm.as_ref()?;
        Some((Text::new(alarm.zh, alarm.en), alarm.danger, alarm.priority))
    }

    /// Adds the rules over `point`, which people tell from others of its class by `which`.
    pub fn watch(&self, device: &mut Device, point: &PointId, which: &str) -> Result<(), BadId> {
        let Some(alarm) = &self.alarm else { return Ok(()) };
        let asked = point.clone();
        let when = match self.component {
            Component::BinarySensor => Condition::Equals { point: asked, value: Value::Bool(true) },
            Component::Sensor => {
                Condition::Below { point: asked, setpoint: WEAK, deadband: WEAK_DEADBAND }
            }
        };
        device.rules.push(Rule {
            id: format!("{point}-alarm").parse()?,
            name: with(&Text::new(alarm.zh, alarm.en), which).into(),
            danger: alarm.danger,
            priority: alarm.priority,
            when,
            on_delay: Span::secs(alarm.on_delay_s),
            off_delay: Span::secs(alarm.off_delay_s),
            latched: alarm.latched,
        });
        // A detector whose word nobody understands watches nothing.
        if alarm.latched {
            let reasons = vec![NoData::Faulty, NoData::Garbled, NoData::Refused];
            let zh = format!("{}状态读不懂", self.zh);
            let en = format!("What it says of {} is not understood", self.en.to_lowercase());
            device.rules.push(Rule {
                id: format!("{point}-unread").parse()?,
                name: with(&Text::new(&zh, &en), which).into(),
                danger: Fault,
                priority: High,
                when: Condition::NoData { point: point.clone(), reasons },
                on_delay: UNREAD,
                off_delay: UNREAD,
                latched: false,
            });
        }
        Ok(())
    }
}

/// A name, and which of several is meant.
pub(super) fn with(name: &Text, which: &str) -> Text {
    if which.is_empty() {
        return name.clone();
    }
    Text::new(&format!("{}（{which}）", name.zh), &format!("{} ({which})", name.en))
}
