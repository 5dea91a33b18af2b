//! A lift that drives, and its NICE3000+ controller's registers.

use std::{sync::Mutex, time::Duration};

use super::server::Registers;

/// Metres from one floor to the next.
const FLOOR_M: f64 = 3.0;
/// Metres a second at full speed.
const SPEED: f64 = 1.0;
/// Metres a second when it is brought to the next floor after a rescue.
const CREEP: f64 = 0.3;
/// Metres a second, each second.
const ACCELERATION: f64 = 0.7;
/// Seconds that the door takes to open or close.
const DOOR_S: f64 = 2.5;
/// Seconds that it stays open.
const OPEN_S: f64 = 4.0;
/// Seconds between two rides.
const WAIT_S: f64 = 6.0;

/// The fault code of the safety circuit, shown as E41.
pub const SAFETY_CIRCUIT: u16 = 41;

/// What the car does, by the number the controller gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
enum Car {
    Waiting = 0,
    Opening = 1,
    Open = 2,
    Closing = 3,
    Closed = 4,
    Running = 5,
    Stopped = 6,
}

/// How the car stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The nearest floor, from 1.
    pub floor: u16,
    /// Metres above the lowest floor.
    pub position_m: f64,
    /// Metres a second, negative downwards.
    pub speed: f64,
    /// The fault code, 0 for none.
    pub fault: u16,
    /// It hangs between two floors.
    pub between_floors: bool,
    /// People can walk out.
    pub door_open: bool,
}

#[derive(Debug)]
struct Model {
    floors: u16,
    seed: u64,
    position: f64,
    speed: f64,
    top: f64,
    target: u16,
    car: Car,
    /// Seconds in this state of the car.
    since: f64,
    load_percent: f64,
    fault: u16,
    /// Stop as soon as the car is well between two floors.
    trap: bool,
    fire: bool,
    blocked_door: bool,
}

/// A lift.
#[derive(Debug)]
pub struct Lift(Mutex<Model>);

impl Lift {
    /// A lift that waits at the lowest of its floors. The seed decides where people want to go.
    pub fn new(floors: u16, seed: u64) -> Self {
        Self(Mutex::new(Model {
            floors: floors.clamp(2, 40),
            seed: seed | 1,
            position: 0.0,
            speed: 0.0,
            top: SPEED,
            target: 1,
            car: Car::Waiting,
            since: 0.0,
            load_percent: 0.0,
            fault: 0,
            trap: false,
            fire: false,
            blocked_door: false,
        }))
    }

    fn model(&self) -> std::sync::MutexGuard<'_, Model> {
        // A test that panicked elsewhere leaves a model that is still whole.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Time passes.
    pub fn tick(&self, step: Duration) {
        self.model().tick(step.as_secs_f64());
    }

    /// How the car stands.
    pub fn standing(&self) -> Standing {
        let model = self.model();
        Standing {
            floor: model.nearest(),
            position_m: model.position,
            speed: model.speed,
            fault: model.fault,
            between_floors: model.speed == 0.0 && !model.is_level(),
            door_open: model.car == Car::Open,
        }
    }

    /// The safety circuit opens on the ride: the car stops between two floors with somebody in it.
    pub fn trap(&self) {
        let mut model = self.model();
        model.trap = true;
        model.load_percent = 12.0;
        if matches!(model.car, Car::Waiting | Car::Open) {
            model.ride();
        }
    }

    /// The controller reports a fault; it stops the car, except for those of the door.
    pub fn fault(&self, code: u16) {
        let mut model = self.model();
        model.fault = code;
        model.blocked_door = matches!(code, 42 | 48 | 49 | 53);
    }

    /// Somebody has repaired it and brought the car to a floor.
    pub fn rescue(&self) {
        let mut model = self.model();
        (model.fault, model.trap, model.blocked_door) = (0, false, false);
        if !model.is_level() {
            model.target = model.nearest();
            model.top = CREEP;
            model.enter(Car::Running);
        }
    }

    /// The building's fire signal: the car returns to the lowest floor and stays there, open.
    pub fn fire_signal(&self, on: bool) {
        let mut model = self.model();
        model.fire = on;
        if on {
            model.target = 1;
            if matches!(model.car, Car::Waiting | Car::Open) && model.nearest() != 1 {
                model.enter(Car::Closing);
            }
        }
    }
}

impl Model {
    fn nearest(&self) -> u16 {
        let floor = (self.position / FLOOR_M).round() as u16 + 1;
        floor.clamp(1, self.floors)
    }

    fn height(floor: u16) -> f64 {
        f64::from(floor - 1) * FLOOR_M
    }

    fn is_level(&self) -> bool {
        (self.position - Self::height(self.nearest())).abs() < 0.02
    }

    fn enter(&mut self, car: Car) {
        self.car = car;
        self.since = 0.0;
    }

    /// Somebody wants to go to another floor.
    fn ride(&mut self) {
        // xorshift64: the same seed makes the same people.
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        let here = self.nearest();
        let others = u64::from(self.floors - 1);
        let other = u16::try_from(self.seed % others).unwrap_or(0) + 1;
        self.target = if other >= here { other + 1 } else { other };
        self.top = SPEED;
        self.load_percent = 6.0 + (self.seed % 40) as f64;
        self.enter(Car::Closing);
    }

    fn tick(&mut self, dt: f64) {
        self.since += dt;
        if self.fault != 0 && !self.blocked_door && self.fault != 55 {
            return self.halt(dt);
        }
        match self.car {
            Car::Waiting if self.fire => {}
            Car::Waiting if self.since >= WAIT_S => self.ride(),
            Car::Opening if self.since >= DOOR_S => self.enter(Car::Open),
            Car::Open if self.fire && self.nearest() == 1 => self.load_percent = 0.0,
            Car::Open if self.since >= OPEN_S => {
                self.load_percent = 0.0;
                self.enter(Car::Closing);
                self.target = if self.fire { 1 } else { self.nearest() };
            }
            // A blocked door tries, and opens again.
            Car::Closing if self.since >= DOOR_S && self.blocked_door => self.enter(Car::Opening),
            Car::Closing if self.since >= DOOR_S => self.enter(Car::Closed),
            Car::Closed if self.is_level() && self.nearest() == self.target => {
                self.enter(Car::Waiting);
            }
            Car::Closed => self.enter(Car::Running),
            Car::Running => self.drive(dt),
            Car::Stopped => self.enter(Car::Running),
            _ => {}
        }
    }

    fn drive(&mut self, dt: f64) {
        let way = Self::height(self.target) - self.position;
        let sign = way.signum();
        let between = self.position.rem_euclid(FLOOR_M);
        if self.trap && (0.9..2.1).contains(&between) {
            self.fault = SAFETY_CIRCUIT;
            return self.halt(dt);
        }
        // Just fast enough to be able to stop at the floor.
        let braking = (2.0 * ACCELERATION * way.abs()).sqrt();
        let wanted = self.top.min(braking).max(0.05);
        let speed = (self.speed.abs() + ACCELERATION * dt).min(wanted);
        if way.abs() <= speed * dt || way.abs() < 0.01 {
            self.position = Self::height(self.target);
            self.speed = 0.0;
            return self.enter(Car::Opening);
        }
        self.speed = sign * speed;
        self.position += self.speed * dt;
    }

    /// The brake falls in.
    fn halt(&mut self, dt: f64) {
        let slower = (self.speed.abs() - 4.0 * ACCELERATION * dt).max(0.0);
        self.speed = self.speed.signum() * slower;
        self.position += self.speed * dt;
        if self.speed == 0.0 && self.car == Car::Running {
            self.enter(Car::Stopped);
        }
    }

    fn register(&self, address: u16) -> Option<u16> {
        let bits = |pairs: &[(u16, bool)]| {
            pairs.iter().fold(0, |word, (bit, on)| word | u16::from(*on) << bit)
        };
        Some(match address {
            0x1010 => ((self.speed * 1000.0).round() as i16) as u16,
            0x1018 => self.nearest(),
            0x1019 => (self.position * 10.0).round() as u16,
            0x101A => (self.load_percent * 10.0).round() as u16,
            0x101B => {
                let open = self.car == Car::Open;
                let closed = !matches!(self.car, Car::Opening | Car::Open | Car::Closing);
                bits(&[(0, self.blocked_door), (2, open), (4, closed), (15, false)])
            }
            0x101D => {
                let mode = match (self.fault, self.fire) {
                    (0 | 55, true) => 3,
                    (0 | 55, false) => 7,
                    _ => 5,
                };
                bits(&[(3, self.fire)]) | mode << 4 | (self.car as u16) << 8
            }
            0x3000 if self.speed > 0.0 => 1,
            0x3000 if self.speed < 0.0 => 2,
            0x3000 => 3,
            0x8000 => self.fault,
            // The controller has more registers than the gateway asks for.
            0x1000..=0x102F | 0x3001..=0x3010 | 0x8001..=0x8010 => 0,
            _ => return None,
        })
    }
}

impl Registers for Lift {
    fn holding(&self, address: u16) -> Option<u16> {
        self.model().register(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(50);

    /// Lets time pass until something is so; never more than ten minutes of the lift's time.
    fn until(lift: &Lift, what: &str, so: impl Fn(&Standing) -> bool) -> Standing {
        for _ in 0..12_000 {
            let standing = lift.standing();
            if so(&standing) {
                return standing;
            }
            lift.tick(STEP);
        }
        panic!("it never comes to this: {what}; {:?}", lift.standing());
    }

    fn car(lift: &Lift) -> u16 {
        lift.holding(0x101D).unwrap() >> 8 & 0xF
    }

    #[test]
    fn it_drives_from_floor_to_floor_and_opens_only_where_it_is_level() {
        let lift = Lift::new(6, 7);
        let mut floors = std::collections::BTreeSet::new();
        for _ in 0..20_000 {
            lift.tick(STEP);
            let standing = lift.standing();
            assert!((-0.01..=15.01).contains(&standing.position_m), "{standing:?}");
            assert!(standing.speed.abs() <= SPEED);
            if standing.door_open {
                assert!(!standing.between_floors && standing.speed == 0.0, "{standing:?}");
                floors.insert(standing.floor);
            }
        }
        assert!(floors.len() >= 4, "it has been to {floors:?} only");
    }

    #[test]
    fn a_trapped_car_stands_between_floors_until_it_is_rescued() {
        let lift = Lift::new(6, 3);
        lift.trap();
        let stuck = until(&lift, "stuck", |s| s.between_floors && s.fault == SAFETY_CIRCUIT);
        for _ in 0..1_000 {
            lift.tick(STEP);
        }
        assert_eq!(lift.standing(), stuck, "it stays where it is");
        assert_eq!(car(&lift), 6, "the controller says: stopped");
        assert_eq!(lift.holding(0x8000), Some(41));
        assert_eq!(lift.holding(0x3000), Some(3));
        lift.rescue();
        let out = until(&lift, "rescued", |s| s.door_open);
        assert!(out.fault == 0 && !out.between_floors);
    }

    #[test]
    fn a_fire_signal_brings_it_down_and_keeps_it_open() {
        let lift = Lift::new(6, 9);
        until(&lift, "up", |s| s.floor > 2 && s.door_open);
        lift.fire_signal(true);
        until(&lift, "down", |s| s.floor == 1 && s.door_open);
        for _ in 0..1_000 {
            lift.tick(STEP);
        }
        assert!(lift.standing().door_open);
        assert_eq!(lift.holding(0x101D).unwrap() >> 4 & 0xF, 3, "fire return");
        lift.fire_signal(false);
        until(&lift, "back to work", |s| s.floor > 1);
    }

    #[test]
    fn a_blocked_door_does_not_stop_being_tried() {
        let lift = Lift::new(6, 9);
        lift.fault(49);
        for _ in 0..2_000 {
            lift.tick(STEP);
            assert_eq!(lift.standing().floor, 1, "it does not drive with an open door");
        }
        assert_eq!(lift.holding(0x8000), Some(49));
        lift.rescue();
        until(&lift, "back to work", |s| s.floor > 1);
    }

    #[test]
    fn the_registers_are_those_of_the_controller() {
        let lift = Lift::new(6, 1);
        assert_eq!(lift.holding(0x1018), Some(1));
        assert_eq!(lift.holding(0x101D), Some(0x0070), "automatic, waiting");
        assert_eq!(lift.holding(0x101B), Some(1 << 4), "door closed");
        assert_eq!(lift.holding(0x6000), None, "what is only written can't be read");
        lift.trap();
        until(&lift, "driving", |s| s.speed != 0.0);
        assert_eq!(lift.holding(0x3000), Some(1));
        assert!(lift.holding(0x1010).unwrap() > 0);
    }
}
