//! From a metric to a value.

use gengfu_core::{
    id::PointId,
    point::{NoData, Sample, Value},
};

use super::payload::{Metric, metric::Value as Raw};
use crate::{modbus::number::written, profile::Meaning};

/// A point that a metric sets.
#[derive(Debug, Clone, PartialEq)]
pub struct SparkplugPoint {
    /// `device/point`.
    pub point: PointId,
    /// The metric's name, as `Inputs/Smoke`.
    pub metric: String,
    /// What its values mean.
    pub meaning: Meaning,
}

/// Types of whole numbers, by their numbers in the specification.
const INT8: u32 = 1;
const INT16: u32 = 2;
const INT32: u32 = 3;
const INT64: u32 = 4;
const UINT8: u32 = 5;
const UINT16: u32 = 6;
const UINT32: u32 = 7;
const UINT64: u32 = 8;
/// A time, in ms since 1970.
const DATE_TIME: u32 = 13;

/// The property that tells of a value's quality.
const QUALITY: &str = "Quality";
/// Its number for a good one; 0 is bad, 500 is out of date.
const GOOD: u64 = 192;

/// What a metric says; none where it says nothing of now, or nothing that can be read without the
/// birth certificate that has its type.
pub(super) fn sample(metric: &Metric, datatype: Option<u32>, meaning: &Meaning) -> Option<Sample> {
    if metric.is_historical == Some(true) {
        return None;
    }
    if metric.is_null == Some(true) || !is_good(metric) {
        return Some(Err(NoData::Faulty));
    }
    let value = match metric.value.as_ref() {
        // A value of a kind that is no point's: a data set, a file.
        None => return Some(Err(NoData::Garbled)),
        Some(Raw::Int(bits)) => whole(u64::from(*bits), datatype?),
        Some(Raw::Long(bits)) => whole(*bits, datatype?),
        Some(Raw::Float(x)) => Some(Value::Float(written(*x))),
        Some(Raw::Double(x)) => Some(Value::Float(*x)),
        Some(Raw::Boolean(b)) => Some(Value::Bool(*b)),
        Some(Raw::String(text)) => Some(Value::Text(text.clone())),
    };
    Some(match value.filter(Value::is_finite) {
        Some(value) => meaning.of(value),
        None => Err(NoData::Garbled),
    })
}

/// The number that these bits are. A number with a sign comes in one without: some send its own bits,
/// some fill up to the left; both are understood.
fn whole(bits: u64, datatype: u32) -> Option<Value> {
    let signed = |width: u32| (bits << (64 - width)).cast_signed() >> (64 - width);
    Some(match datatype {
        INT8 => Value::Int(signed(8)),
        INT16 => Value::Int(signed(16)),
        INT32 => Value::Int(signed(32)),
        INT64 => Value::Int(signed(64)),
        UINT8 | UINT16 | UINT32 | UINT64 | DATE_TIME => {
            i64::try_from(bits).map_or(Value::Float(bits as f64), Value::Int)
        }
        _ => return None,
    })
}

fn is_good(metric: &Metric) -> bool {
    let Some(properties) = &metric.properties else { return true };
    let mut all = properties.keys.iter().zip(&properties.values);
    let quality = all.find(|(key, _)| key.as_str() == QUALITY).map(|(_, value)| value);
    quality.is_none_or(|q| q.int.map(u64::from).or(q.long).is_none_or(|number| number == GOOD))
}

impl SparkplugPoint {
    /// A point whose value is taken as it comes.
    pub fn new(point: PointId, metric: &str) -> Self {
        Self { point, metric: metric.into(), meaning: Meaning::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::payload::{PropertySet, PropertyValue},
        *,
    };

    fn read(value: Raw, datatype: Option<u32>) -> Option<Sample> {
        let metric = Metric { value: Some(value), ..Metric::default() };
        sample(&metric, datatype, &Meaning::default())
    }

    #[test]
    fn whole_numbers_keep_their_sign_however_it_is_sent() {
        let int = |n| Some(Ok(Value::Int(n)));
        assert_eq!(read(Raw::Int(0xFF), Some(INT8)), int(-1), "its own bits");
        assert_eq!(read(Raw::Int(u32::MAX), Some(INT8)), int(-1), "filled up to the left");
        assert_eq!(read(Raw::Int(0x8000), Some(INT16)), int(-32_768));
        assert_eq!(read(Raw::Int(u32::MAX - 41), Some(INT32)), int(-42));
        assert_eq!(read(Raw::Long(u64::MAX), Some(INT64)), int(-1));
        assert_eq!(read(Raw::Int(u32::MAX), Some(UINT32)), int(4_294_967_295));
        assert_eq!(
            read(Raw::Long(u64::MAX), Some(UINT64)),
            Some(Ok(Value::Float(18_446_744_073_709_551_615.0)))
        );
        assert_eq!(read(Raw::Int(1), None), None, "its type is not known yet");
        assert_eq!(read(Raw::Int(1), Some(99)), Some(Err(NoData::Garbled)));
    }

    #[test]
    fn what_is_not_good_not_there_or_not_a_number_is_no_value() {
        assert_eq!(read(Raw::Float(21.1), None), Some(Ok(Value::Float(21.1))));
        assert_eq!(read(Raw::Double(f64::NAN), None), Some(Err(NoData::Garbled)));
        assert_eq!(read(Raw::Boolean(true), None), Some(Ok(Value::Bool(true))));
        assert_eq!(read(Raw::String("on".into()), None), Some(Ok(Value::Text("on".into()))));
        let with = |change: &dyn Fn(&mut Metric)| {
            let mut metric = Metric { value: Some(Raw::Boolean(true)), ..Metric::default() };
            change(&mut metric);
            sample(&metric, None, &Meaning::default())
        };
        assert_eq!(with(&|m| m.is_historical = Some(true)), None);
        assert_eq!(with(&|m| m.is_null = Some(true)), Some(Err(NoData::Faulty)));
        assert_eq!(with(&|m| m.value = None), Some(Err(NoData::Garbled)));
        let quality = |number| {
            let value = PropertyValue { int: Some(number), long: None };
            let set = PropertySet { keys: vec![QUALITY.into()], values: vec![value] };
            with(&|m| m.properties = Some(set.clone()))
        };
        assert_eq!(quality(192), Some(Ok(Value::Bool(true))));
        assert_eq!(quality(0), Some(Err(NoData::Faulty)));
        assert_eq!(quality(500), Some(Err(NoData::Faulty)));
    }
}
