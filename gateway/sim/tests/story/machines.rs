//! Lift and panel, seen by a Modbus client, and the stories of the whole house.

use gengfu_sim::building::{
    Building, BuildingSettings, Which,
    house::{UNIT, gate_board, lift_board},
};
use gengfu_wire::{topic::Up, up::InputState};
use tokio::time::timeout;
use tokio_modbus::{
    ExceptionCode, Slave,
    client::{Context, Reader, Writer, tcp},
};

use crate::gateway::{Gateway, PATIENCE};

async fn client(address: std::net::SocketAddr) -> Context {
    tcp::connect_slave(address, Slave(UNIT)).await.unwrap()
}

#[tokio::test]
async fn the_panel_tells_of_smoke_and_refuses_to_be_written() {
    let building = Building::start(BuildingSettings::default()).await.unwrap();
    let mut panel = client(building.panel_address()).await;
    assert_eq!(panel.read_holding_registers(0, 24).await.unwrap().unwrap(), [0x1400; 24]);
    building.smoke(5);
    let registers = panel.read_holding_registers(0, 24).await.unwrap().unwrap();
    assert_eq!((registers[3], registers[4]), (0x1400, 0x8C10));
    let silenced = panel.write_single_register(9499, 1).await.unwrap();
    assert_eq!(silenced, Err(ExceptionCode::IllegalFunction));
    assert_eq!(building.writes(), 1);
    let beyond = panel.read_holding_registers(399, 2).await.unwrap();
    assert_eq!(beyond, Err(ExceptionCode::IllegalDataAddress));
    building.reset_panel();
    assert_eq!(panel.read_holding_registers(4, 1).await.unwrap().unwrap(), [0x1400]);
}

#[tokio::test]
async fn another_units_request_gets_no_answer() {
    let building = Building::start(BuildingSettings::default()).await.unwrap();
    let mut other = tcp::connect_slave(building.lift_address(), Slave(9)).await.unwrap();
    let asked = other.read_holding_registers(0x1018, 1);
    assert!(timeout(std::time::Duration::from_millis(300), asked).await.is_err());
}

#[tokio::test]
async fn a_trapped_passenger_calls_when_the_car_has_stopped_between_floors() {
    let mut gateway = Gateway::start(true).await;
    let mut building = Building::start(BuildingSettings {
        boards: vec![(Which::Lift, gateway.board("lift"))],
        ..BuildingSettings::default()
    })
    .await
    .unwrap();
    building.trap_passenger();
    let call = gateway.next(Up::Event).await.event();
    assert_eq!((call.input, call.state), (lift_board::CALL, InputState::Active));
    assert!(building.lift().standing().between_floors);
    let mut lift = client(building.lift_address()).await;
    assert_eq!(lift.read_holding_registers(0x8000, 1).await.unwrap().unwrap(), [41]);
    let state = lift.read_holding_registers(0x101D, 1).await.unwrap().unwrap()[0];
    assert_eq!(state >> 8 & 0xF, 6, "stopped");
    let release = gateway.next(Up::Event).await.event();
    assert_eq!((release.input, release.state), (lift_board::CALL, InputState::Idle));
    building.rescue();
    let out = async {
        while !building.lift().standing().door_open {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, out).await.expect("the door opens");
    timeout(PATIENCE, building.stop()).await.expect("everything is switched off");
}

#[tokio::test]
async fn a_storm_brings_more_than_ten_alarms_and_can_be_calmed() {
    let mut gateway = Gateway::start(true).await;
    let mut building = Building::start(BuildingSettings {
        boards: vec![(Which::Lift, gateway.board("lift")), (Which::Gate, gateway.board("gate"))],
        ..BuildingSettings::default()
    })
    .await
    .unwrap();
    building.storm();
    let mut panel = client(building.panel_address()).await;
    let trouble = async {
        loop {
            let registers = panel.read_holding_registers(0, 24).await.unwrap().unwrap();
            if registers.iter().filter(|r| **r & 0x2000 != 0).count() > 10 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE * 2, trouble).await.expect("half of the detectors report trouble");
    let mut gate_changes = 0;
    while let Ok(said) = gateway.said.try_recv() {
        let of_gate = said.board == "gate" && said.what == Up::Event;
        gate_changes += usize::from(of_gate && said.event().input == gate_board::GATE);
    }
    assert!(gate_changes > 10, "the gate's contact chatters: {gate_changes}");
    building.calm();
    assert_eq!(panel.read_holding_registers(0, 24).await.unwrap().unwrap(), [0x1400; 24]);
    assert_eq!(building.lift().standing().fault, 0);
}
