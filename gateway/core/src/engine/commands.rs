//! What people command about incidents, alarms and devices.

use crate::{
    event::{Update, What},
    id::{AlarmId, DeviceId},
    incident::{By, Cause},
    input::Command,
    planted::{self, Bug},
    refusal::Refusal,
    time::{Span, Timestamp},
};

use super::Draft;

/// The longest time that an alarm may be shelved or a device out of service in one go.
const LONGEST_ASIDE: Span = Span::hours(30 * 24);

impl Draft {
    pub(super) fn command(&mut self, by: &By, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Acknowledge(incident) => self.acknowledge(*incident, by),
            Command::Arrive(incident) => self.arrive(*incident, by),
            Command::HandOver { incident, to } => self.hand_over(*incident, to.as_ref(), by),
            Command::End { incident, cause, note } => {
                self.open_incident(*incident)?;
                self.known(by)?;
                if *cause == Cause::Cleared {
                    return Err(Refusal::Invalid(
                        "\"cleared\" is for alarms that go by themselves: say why it is over"
                            .into(),
                    ));
                }
                self.end(*incident, *cause, note.clone(), by.clone());
                Ok(())
            }
            Command::CallMuster { targets, about } => self.call_muster(targets, about, by),
            Command::AnswerMuster { muster, person, answer } => {
                self.answer_muster(*muster, person, *answer, by)
            }
            Command::EndMuster(muster) => {
                self.known(by)?;
                self.end_muster(*muster, by.clone())
            }
            Command::AcknowledgeAlarm(alarm) => {
                self.known_alarm(alarm)?;
                self.emit(What::AlarmAcknowledged { alarm: alarm.clone(), by: by.clone() });
                Ok(())
            }
            Command::Shelve { alarm, until } => self.shelve(alarm, *until, by),
            Command::Unshelve(alarm) => {
                self.known_alarm(alarm)?;
                self.emit(What::AlarmUnshelved { alarm: alarm.clone(), by: by.clone() });
                self.admit(alarm);
                Ok(())
            }
            Command::OutOfService { device, until, reason } => {
                self.known_device(device)?;
                self.ahead(*until)?;
                if reason.trim().is_empty() {
                    return Err(Refusal::Invalid("say why the device is out of service".into()));
                }
                self.emit(What::OutOfService {
                    device: device.clone(),
                    until: *until,
                    reason: reason.clone(),
                    by: by.clone(),
                });
                self.end_void_walk_tests(by);
                let its = self.alarms(|a| a.subject.device.as_ref() == Some(device));
                self.end_if_aside(&its, &format!("out of service: {reason}"), by);
                Ok(())
            }
            Command::BackInService(device) => {
                self.known_device(device)?;
                self.emit(What::BackInService { device: device.clone(), by: by.clone() });
                self.admit_device(device);
                Ok(())
            }
            Command::BeginWalkTest { device, until } => self.begin_walk_test(device, *until, by),
            Command::EndWalkTest(device) => self.stop_walk_test(device, by),
            Command::Switch { output, on, reason, incident } => {
                self.switch(output, *on, reason, *incident, by)
            }
            Command::AskSwap { .. }
            | Command::AcceptSwap(_)
            | Command::DeclineSwap(_)
            | Command::WithdrawSwap(_) => self.swap(by, command),
            Command::PutCard { danger, card } => self.put_card(*danger, card, by),
            Command::RemoveCard(danger) => self.remove_card(*danger, by),
            Command::PutNote { place, note } => self.put_note(place, note, by),
            Command::NoteUpdate { version, hardware, boards } => {
                let (version, hardware) = (version.clone(), hardware.clone());
                let begun = Update::Begun { version, hardware, boards: *boards, by: by.clone() };
                self.emit(What::Update(begun));
                Ok(())
            }
            Command::NoteUpdateStopped { version } => {
                let stopped = Update::Stopped { version: version.clone(), by: by.clone() };
                self.emit(What::Update(stopped));
                Ok(())
            }
            Command::IfStill { seen, change } => {
                seen.check(&self.state)?;
                self.command(by, change)
            }
            directory => self.change_directory(by, directory),
        }
    }

    fn shelve(&mut self, id: &AlarmId, until: Timestamp, by: &By) -> Result<(), Refusal> {
        let alarm = self.known_alarm(id)?;
        if alarm.subject.danger.is_vital() && !planted::is(Bug::ShelvesVital) {
            return Err(Refusal::Vital(id.clone()));
        }
        self.ahead(until)?;
        self.emit(What::AlarmShelved { alarm: id.clone(), until, by: by.clone() });
        self.end_if_aside(std::slice::from_ref(id), "shelved", by);
        Ok(())
    }

    fn ahead(&self, until: Timestamp) -> Result<(), Refusal> {
        if until <= self.now || until > self.now + LONGEST_ASIDE {
            return Err(Refusal::BadEnd(until));
        }
        Ok(())
    }

    fn known_alarm(&self, id: &AlarmId) -> Result<crate::alarm::Alarm, Refusal> {
        let unknown = || Refusal::Unknown { what: "alarm", name: id.to_string() };
        self.alarm(id).cloned().ok_or_else(unknown)
    }

    pub(super) fn known_device(&self, id: &DeviceId) -> Result<(), Refusal> {
        let unknown = || Refusal::Unknown { what: "device", name: id.to_string() };
        self.state.device(id).map(|_| ()).ok_or_else(unknown)
    }
}
