//! Readings as line protocol: measurement `gengfu`; tags `site`, `device`, `point`; the value in a
//! field by its kind, since a field of InfluxDB keeps the kind of its first value for ever.

use gengfu_core::{
    id::SiteId,
    point::{Reading, Value, device_of},
};
use influxdb_line_protocol::{
    LineProtocolBuilder,
    builder::{AfterField, BeforeMeasurement},
};

/// The lines, times in milliseconds.
pub(super) fn lines<'a>(site: &SiteId, readings: impl Iterator<Item = &'a Reading>) -> Vec<u8> {
    readings.fold(LineProtocolBuilder::new(), |lines, reading| line(lines, site, reading)).build()
}

type Lines<S> = LineProtocolBuilder<Vec<u8>, S>;

fn line(
    lines: Lines<BeforeMeasurement>,
    site: &SiteId,
    reading: &Reading,
) -> Lines<BeforeMeasurement> {
    let device = device_of(&reading.point);
    let line = lines
        .measurement("gengfu")
        .tag("site", site.as_str())
        .tag("device", device.as_str())
        .tag("point", reading.point.as_str());
    let line: Lines<AfterField> = match &reading.sample {
        Ok(Value::Bool(on)) => line.field("on", *on),
        Ok(Value::Int(count)) => line.field("number", *count as f64),
        Ok(Value::Float(number)) if number.is_finite() => line.field("number", *number),
        // There is no word for these in line protocol either.
        Ok(Value::Float(_)) => line.field("no_data", "not_a_number"),
        Ok(Value::Text(text)) => line.field("text", text.as_str()),
        Err(reason) => line.field("no_data", reason.word()),
    };
    line.timestamp(reading.received_at.as_millis()).close_line()
}

#[cfg(test)]
mod tests {
    use gengfu_core::{
        point::{Kind, NoData, Sample},
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn every_kind_of_value_has_a_field_of_its_own_and_names_cannot_break_out() {
        let read = |point: &str, sample: Sample| Reading {
            point: point.into(),
            sample,
            source_at: None,
            received_at: Timestamp::from_millis(1_700_000_000_123),
            kind: Kind::State,
            origin: None,
        };
        let readings = [
            read("lift-1/call", Ok(Value::Bool(true))),
            read("lift-1/trips", Ok(Value::Int(12))),
            read("lift-1/speed", Ok(Value::Float(1.5))),
            read("lift-1/mode", Ok(Value::Text("a \"b\"\\ c".into()))),
            read("a b,c=d/x", Err(NoData::Timeout)),
        ];
        let text = String::from_utf8(lines(&"estate".into(), readings.iter())).unwrap();
        let wanted = "\
gengfu,site=estate,device=lift-1,point=lift-1/call on=true 1700000000123
gengfu,site=estate,device=lift-1,point=lift-1/trips number=12 1700000000123
gengfu,site=estate,device=lift-1,point=lift-1/speed number=1.5 1700000000123
gengfu,site=estate,device=lift-1,point=lift-1/mode text=\"a \\\"b\\\"\\\\ c\" 1700000000123
gengfu,site=estate,device=a\\ b\\,c\\=d,point=a\\ b\\,c\\=d/x no_data=\"timeout\" 1700000000123
";
        assert_eq!(text, wanted);
    }
}
