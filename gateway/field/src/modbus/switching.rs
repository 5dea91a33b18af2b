//! Switching an output of a unit: written, read back, and told. What is read back counts, whatever the
//! unit said to the writing: an answer can be lost, and a relay can be stuck.

use std::time::Duration;

use gengfu_core::{id::PointId, output::OrderEnd, text::Text};
use tokio::time::{Instant, sleep};
use tokio_modbus::ExceptionCode;

use super::{
    bus::Bus,
    connection::{Connection, Failure, Values},
    field::Field,
    plan::Block,
    publish::Closed,
    unit::Unit,
    write::Write,
};
use crate::switch::{Ended, Switch};

/// What was written is read back so often at the most: a slow relay, a lost answer.
const READ_BACKS: u32 = 3;
/// A relay that has not fallen yet has this long before it is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Every unit of a serial line does what it is told under this number, and none answers (Modbus over Serial
/// Line 1.02, 2.1). A gateway that is reached by TCP hands it on.
const BROADCAST: u8 = 0;

/// The values that stand in the device after a field was written.
fn written(field: &Field, on: bool) -> Option<Values> {
    let writing = field.write.as_ref()?;
    Some(match field.table.is_bits() {
        true => Values::Bits(vec![on]),
        false => Values::Registers(if on { writing.on.clone() } else { writing.off.clone() }),
    })
}

impl Bus {
    /// The unit and the field of an output.
    fn find(&self, output: &PointId) -> Option<(usize, usize)> {
        let field = |unit: &Unit| unit.fields.iter().position(|f| f.point == *output);
        let mut units = self.units.iter().enumerate();
        units.find_map(|(n, polled)| Some((n, field(&polled.unit)?)))
    }

    /// Switches what is wished, and answers.
    pub(super) async fn switch(&mut self, wish: Switch) -> Result<(), Closed> {
        let Switch { output, on, not_after, answer } = wish;
        let tell = |ended: Ended| {
            // Whoever asked may have gone; what was done is done.
            let _ = answer.send(ended);
            Ok(())
        };
        let is_late = || not_after.is_some_and(|end| Instant::now() > end);
        let late = || Ended::failed("太迟了，没有执行", "it was too late, and was not done");
        let Some((index, field)) = self.find(&output) else {
            return tell(Ended::failed("总线上没有这个输出", "the bus has no such output"));
        };
        if is_late() {
            return tell(late());
        }
        if self.connection.is_none() && !self.connect().await? {
            let (zh, en) = ("连不上总线", "the bus can't be reached");
            return tell(Ended::failed(zh, en));
        }
        // The connecting took its time.
        if is_late() {
            return tell(late());
        }
        let (Some(connection), Some(polled)) = (&mut self.connection, self.units.get_mut(index))
        else {
            return tell(Ended::failed("连不上总线", "the bus can't be reached"));
        };
        let (ended, says) = carry_out(connection, &polled.unit, field, on).await;
        if let Some(failure) = says.as_ref().err()
            && !connection.recover(failure).await
        {
            self.connection = None;
        } else if polled.unit.knobs.close_after_poll {
            self.connection = None;
        }
        tracing::info!(
            bus = %self.settings.name, device = %polled.unit.device, output = %output, on,
            end = ?ended.end, why = %ended.why.en, "an output was switched"
        );
        if let Ok(Some(values)) = says {
            let field_of = &polled.unit.fields[field];
            let sample = values.sample(field_of, 0);
            polled.publisher.publish(field, field_of, sample).await?;
        }
        tell(ended)
    }
}

/// Writes and reads back. The second part is what the field's registers say, where that is known; or
/// the failure that the connection is left with.
async fn carry_out(
    connection: &mut Connection,
    unit: &Unit,
    index: usize,
    on: bool,
) -> (Ended, Result<Option<Values>, Failure>) {
    let field = &unit.fields[index];
    let (Some(write), Some(wanted)) = (Write::new(field, on), written(field, on)) else {
        let no = ("配置里没有这个输出", "the profile names no such output");
        return (Ended::failed(no.0, no.1), Ok(None));
    };
    if unit.unit_id == BROADCAST {
        let (zh, en) = ("单元 0 是对整条线路的广播", "unit 0 is every device of the line at once");
        return (Ended::failed(zh, en), Ok(None));
    }
    let knobs = &unit.knobs;
    let (limit, pause) = (knobs.timeout.to_std(), knobs.pause.to_std());
    let block = Block {
        table: field.table,
        start: field.address,
        count: field.length,
        fields: vec![index],
        poll: None,
    };
    let momentary = field.write.as_ref().is_some_and(|writing| writing.momentary);
    if momentary && connection.may_hear_itself().is_none() {
        // Nothing will be read back: any question before shows whether the line repeats what is sent.
        if let Err(failure) = connection.read(unit.unit_id, &block, limit, pause).await
            && !connection.recover(&failure).await
        {
            let (zh, en) = ("连不上总线", "the bus can't be reached");
            return (Ended::failed(zh, en), Err(failure));
        }
    }
    let result = connection.write(unit.unit_id, &write, limit, pause).await;
    if let Err(Failure::Exception(code)) = &result
        && is_refused(*code)
    {
        let zh = format!("设备拒绝：{code}");
        return (Ended::failed(&zh, &format!("the device refuses: {code}")), Ok(None));
    }
    if momentary || matches!(result, Err(Failure::Lost(_))) {
        return match result {
            Ok(()) if connection.may_hear_itself().is_none() => {
                let zh = "已发出，但分不清是设备的应答还是适配器的回声";
                let en =
                    "it was sent, and the device's answer can't be told from the adapter's echo";
                (Ended::unclear(zh, en), Ok(None))
            }
            Ok(()) => (Ended::done(), Ok(None)),
            Err(failure) => (unclear(&failure), Err(failure)),
        };
    }
    if let Err(failure) = result
        && !connection.recover(&failure).await
    {
        // Another connection is needed before anything can be read back.
        return (unclear(&failure), Err(failure));
    }
    let mut last = Ended { end: OrderEnd::Unclear, why: Text::default() };
    let mut stands = None;
    for look in 0..READ_BACKS {
        if look > 0 {
            sleep(LOOK_AGAIN).await;
        }
        match connection.read(unit.unit_id, &block, limit, pause).await {
            Ok(values) if values == wanted => return (Ended::done(), Ok(Some(values))),
            Ok(values) => {
                // A slow relay may still follow: then it must be brought back.
                let (zh, en) = ("设备没有切换", "the device did not switch");
                last = if on { Ended::unclear(zh, en) } else { Ended::failed(zh, en) };
                stands = Some(values);
            }
            Err(failure) => {
                last = unclear(&failure);
                if !connection.recover(&failure).await {
                    return (last, Err(failure));
                }
            }
        }
    }
    (last, Ok(stands))
}

/// The device, or the gateway in front of it, says that it did nothing. Any other word leaves it open:
/// it was accepted, or only its answer was lost behind that gateway.
fn is_refused(code: ExceptionCode) -> bool {
    matches!(
        code,
        ExceptionCode::IllegalFunction
            | ExceptionCode::IllegalDataAddress
            | ExceptionCode::IllegalDataValue
            | ExceptionCode::ServerDeviceBusy
            | ExceptionCode::GatewayPathUnavailable
    )
}

fn unclear(failure: &Failure) -> Ended {
    let zh = format!("已发出，但无法回读：{failure}");
    Ended::unclear(&zh, &format!("it was sent, and could not be read back: {failure}"))
}
