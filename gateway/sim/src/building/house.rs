//! The whole building, and what can happen there.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use gengfu_wire::up::InputState;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval, sleep},
};

use super::{
    board::Board, lift::Lift, panel::Panel, server::ModbusServer, settings::BoardSettings,
};

/// The lift's time passes in steps of this.
const TICK: Duration = Duration::from_millis(100);
/// How long a frightened passenger holds the button.
const PRESS: Duration = Duration::from_secs(3);
/// How long the passenger waits before pressing it.
const HESITATION: Duration = Duration::from_secs(2);
/// The unit number of both Modbus devices.
pub const UNIT: u8 = 1;

/// Inputs of the lift's board.
pub mod lift_board {
    /// The call button in the car.
    pub const CALL: u8 = 1;
    /// The machine room's mains supervision.
    pub const MAINS: u8 = 2;
    /// The machine room's door.
    pub const TAMPER: u8 = 3;
}

/// Inputs of the board at the gate.
pub mod gate_board {
    /// The garden gate's contact.
    pub const GATE: u8 = 1;
    /// The water detector in the cellar.
    pub const WATER: u8 = 2;
    /// The relay of the stairwell's smoke detectors.
    pub const FIRE: u8 = 3;
}

/// A board of the building.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// In the lift's machine room; inputs as in [`lift_board`].
    Lift,
    /// At the garden gate; inputs as in [`gate_board`].
    Gate,
}

/// How the building is made.
#[derive(Debug, Clone)]
pub struct BuildingSettings {
    /// Floors of the lift.
    pub floors: u16,
    /// Loops of the fire panel.
    pub loops: u16,
    /// Detectors on each loop.
    pub detectors: u16,
    /// Decides where people want to go.
    pub seed: u64,
    /// Its boards; more can be added once it stands.
    pub boards: Vec<(Which, BoardSettings)>,
}

impl Default for BuildingSettings {
    fn default() -> Self {
        Self { floors: 6, loops: 1, detectors: 24, seed: 1, boards: vec![] }
    }
}

/// A building. Dropping it switches everything off.
#[derive(Debug)]
pub struct Building {
    lift: Arc<Lift>,
    panel: Arc<Panel>,
    lift_server: ModbusServer,
    panel_server: ModbusServer,
    boards: BTreeMap<Which, Arc<Board>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Building {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Building {
    /// Builds it. The lift waits, the panel is quiet, the boards connect.
    ///
    /// # Errors
    /// Where no port can be had on the loopback.
    pub async fn start(settings: BuildingSettings) -> io::Result<Self> {
        let lift = Arc::new(Lift::new(settings.floors, settings.seed));
        let panel = Arc::new(Panel::new(settings.loops, settings.detectors));
        let driving = lift.clone();
        let drive = tokio::spawn(async move {
            let mut ticks = interval(TICK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
            loop {
                ticks.tick().await;
                driving.tick(TICK);
            }
        });
        let mut building = Self {
            lift_server: ModbusServer::start(lift.clone(), UNIT).await?,
            panel_server: ModbusServer::start(panel.clone(), UNIT).await?,
            lift,
            panel,
            boards: BTreeMap::new(),
            tasks: vec![drive],
        };
        for (which, board) in settings.boards {
            building.add_board(which, board);
        }
        Ok(building)
    }

    /// Hangs a board on the wall and powers it on.
    pub fn add_board(&mut self, which: Which, settings: BoardSettings) {
        self.boards.insert(which, Arc::new(Board::start(settings)));
    }

    /// Where the lift's controller answers.
    pub fn lift_address(&self) -> SocketAddr {
        self.lift_server.address()
    }

    /// Where the fire panel answers.
    pub fn panel_address(&self) -> SocketAddr {
        self.panel_server.address()
    }

    /// The lift.
    pub fn lift(&self) -> &Lift {
        &self.lift
    }

    /// The fire panel.
    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// A board, where it hangs.
    pub fn board(&self, which: Which) -> Option<&Board> {
        self.boards.get(&which).map(Arc::as_ref)
    }

    /// Requests to write that lift and panel refused: none, where the gateway keeps its promise.
    pub fn writes(&self) -> u64 {
        self.lift_server.writes() + self.panel_server.writes()
    }

    fn set(&self, which: Which, input: u8, state: InputState) {
        match self.board(which) {
            Some(board) => board.set_input(input, state),
            None => tracing::warn!(?which, "there is no such board in the building"),
        }
    }

    /// Runs something that takes its time, beside everything else.
    fn later(&mut self, story: impl Future<Output = ()> + Send + 'static) {
        self.tasks.retain(|task| !task.is_finished());
        self.tasks.push(tokio::spawn(story));
    }

    /// Somebody in the car presses the call button and holds it for some seconds.
    pub fn press_call_button(&mut self) {
        if let Some(board) = self.boards.get(&Which::Lift).cloned() {
            self.later(async move { press(&board).await });
        }
    }

    /// The car stops between two floors; whoever is in it presses the call button.
    pub fn trap_passenger(&mut self) {
        self.lift.trap();
        let (lift, board) = (self.lift.clone(), self.boards.get(&Which::Lift).cloned());
        self.later(async move {
            while !lift.standing().between_floors {
                sleep(TICK).await;
            }
            sleep(HESITATION).await;
            if let Some(board) = board {
                press(&board).await;
            }
        });
    }

    /// A detector of the first loop sees smoke, and the lift gets the building's fire signal.
    pub fn smoke(&self, detector: u16) {
        self.panel.smoke(1, detector);
        self.lift.fire_signal(true);
    }

    /// The fire is out and the panel is reset.
    pub fn reset_panel(&self) {
        self.panel.reset();
        self.lift.fire_signal(false);
    }

    /// A board loses its power.
    pub fn silence(&self, which: Which) {
        if let Some(board) = self.board(which) {
            board.cut_power();
        }
    }

    /// It gets it back.
    pub fn revive(&self, which: Which) {
        if let Some(board) = self.board(which) {
            board.power_on();
        }
    }

    /// Somebody leaves the garden gate open.
    pub fn open_gate(&self) {
        self.set(Which::Gate, gate_board::GATE, InputState::Active);
    }

    /// And somebody shuts it.
    pub fn close_gate(&self) {
        self.set(Which::Gate, gate_board::GATE, InputState::Idle);
    }

    /// The lift's controller reports a fault; the code is the number behind the E.
    pub fn lift_fault(&self, code: u16) {
        self.lift.fault(code);
    }

    /// The lift is repaired and brought to a floor, and the door opens.
    pub fn rescue(&self) {
        self.lift.rescue();
    }

    /// Lightning: the mains go, water comes in, half of the panel's detectors report trouble one
    /// after the other, the gate's contact chatters, the lift's door is stuck. A flood of alarms
    /// in half a minute; whatever is vital must still come through it.
    pub fn storm(&mut self) {
        let (lift_board, gate_board) =
            (self.boards.get(&Which::Lift).cloned(), self.boards.get(&Which::Gate).cloned());
        let (panel, lift) = (self.panel.clone(), self.lift.clone());
        self.later(async move {
            let set = |board: &Option<Arc<Board>>, input, on| {
                let state = if on { InputState::Active } else { InputState::Idle };
                if let Some(board) = board {
                    board.set_input(input, state);
                }
            };
            set(&lift_board, lift_board::MAINS, true);
            set(&gate_board, gate_board::WATER, true);
            lift.fault(49);
            let (_, detectors) = panel.fitted();
            for round in 1..=40 {
                set(&gate_board, gate_board::GATE, round % 2 == 1);
                set(&lift_board, lift_board::TAMPER, round % 2 == 1);
                if round % 2 == 0 && round <= detectors {
                    panel.trouble(1, round);
                }
                sleep(Duration::from_millis(500)).await;
            }
        });
    }

    /// The storm is over and everything is repaired.
    pub fn calm(&mut self) {
        for task in self.tasks.drain(1..) {
            task.abort();
        }
        for (which, inputs) in [(Which::Lift, 1..=3), (Which::Gate, 1..=3)] {
            for input in inputs {
                self.set(which, input, InputState::Idle);
            }
        }
        self.reset_panel();
        self.rescue();
    }

    /// Switches everything off; the boards leave with a farewell.
    pub async fn stop(mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        for task in std::mem::take(&mut self.tasks) {
            // Cancelled, as it was told to be.
            drop(task.await);
        }
        for (_, board) in std::mem::take(&mut self.boards) {
            if let Some(board) = Arc::into_inner(board) {
                board.stop().await;
            }
        }
    }
}

async fn press(board: &Board) {
    board.set_input(lift_board::CALL, InputState::Active);
    sleep(PRESS).await;
    board.set_input(lift_board::CALL, InputState::Idle);
}
