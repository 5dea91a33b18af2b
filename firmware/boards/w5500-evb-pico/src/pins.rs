//! Which pin is what: the one table of this board.
//!
//! | Pin | |
//! |---|---|
//! | GP0 | The log, 115,200 baud |
//! | GP3, GP4, GP5 | RS-485: direction (high sends), to the driver, from the driver |
//! | GP6 to GP13 | Contacts 1 to 8, each to ground |
//! | GP14, GP15 | The call lamp: yellow, green |
//! | GP16 to GP21 | The W5500, wired on the board: MISO, CS, SCK, MOSI, reset, interrupt |
//! | GP22, GP2 | The sounder, the relay |
//! | GP25 | The board's own light: blinks to be found |
//! | GP26, GP27 | Supply and battery, each behind 100 kΩ and 22 kΩ |
//! | GP28 | Input 9: a supervised loop to AGND, 4.7 kΩ to ADC_VREF |
//!
//! GP23, GP24 and GP29 are the Pico's own: its converter's mode, VBUS, and a third of VSYS.

use embassy_rp::{
    Peri, Peripherals, adc, bind_interrupts, dma,
    gpio::{Input, Level, Output, Pull},
    peripherals::{
        ADC_TEMP_SENSOR, DMA_CH0, DMA_CH1, FLASH, PIN_4, PIN_5, PIN_26, PIN_27, PIN_28, SPI0,
        UART1, WATCHDOG,
    },
    spi::{Async, Config, Spi},
    uart::{self, Blocking, BufferedInterruptHandler, UartTx},
};

bind_interrupts!(pub struct Irqs {
    UART1_IRQ => BufferedInterruptHandler<UART1>;
    DMA_IRQ_0 => dma::InterruptHandler<DMA_CH0>, dma::InterruptHandler<DMA_CH1>;
});

/// Contacts.
pub const CONTACTS: usize = 8;
/// Supervised loops: the inputs behind the contacts.
pub const LOOPS: usize = 1;
/// The W5500 takes up to 80 MHz; an RP2040 makes this of its 125 MHz, an RP2350 25 MHz of its 150, in hertz.
const SPI_HZ: u32 = 31_250_000;

/// The flash chip.
pub type Chip = Peri<'static, FLASH>;

/// What the building is wired to.
pub struct Pins {
    /// Closed is low.
    pub contacts: [Input<'static>; CONTACTS],
    /// The call lamp's lights.
    pub yellow: Output<'static>,
    /// See `yellow`.
    pub green: Output<'static>,
    /// The sounder.
    pub sounder: Output<'static>,
    /// The relay.
    pub relay: Output<'static>,
    /// The board's own light.
    pub light: Output<'static>,
}

/// The way to the W5500.
pub struct Ethernet {
    /// The bus.
    pub spi: Spi<'static, SPI0, Async>,
    /// Chip select.
    pub select: Output<'static>,
    /// Its reset.
    pub reset: Output<'static>,
    /// Its interrupt.
    pub interrupt: Input<'static>,
}

/// The RS-485 line.
pub struct Line {
    /// The UART, which is set up anew with each list.
    pub uart: Peri<'static, UART1>,
    /// To the driver.
    pub sends: Peri<'static, PIN_4>,
    /// From the driver.
    pub receives: Peri<'static, PIN_5>,
    /// High while the board sends: the driver's DE and RE together.
    pub direction: Output<'static>,
}

/// The converter, and what hangs at it.
pub struct Analog {
    /// The converter.
    pub adc: adc::Adc<'static, adc::Blocking>,
    /// The supply, behind its divider.
    pub supply: Peri<'static, PIN_26>,
    /// The battery, behind its divider.
    pub battery: Peri<'static, PIN_27>,
    /// The loop, with its resistor to the reference.
    pub supervised: Peri<'static, PIN_28>,
    /// The chip's own sensor.
    pub temperature: Peri<'static, ADC_TEMP_SENSOR>,
}

/// All parts of the board.
pub struct Parts {
    /// What the building is wired to.
    pub pins: Pins,
    /// The way to the W5500.
    pub ethernet: Ethernet,
    /// The RS-485 line.
    pub line: Line,
    /// The converter.
    pub analog: Analog,
    /// Where the log goes.
    pub log: UartTx<'static, Blocking>,
    /// The flash chip.
    pub flash: Chip,
    /// The watchdog.
    pub watchdog: Peri<'static, WATCHDOG>,
}

/// Gives each pin its part.
pub fn assign(p: Peripherals) -> Parts {
    let contacts = [
        Input::new(p.PIN_6, Pull::Up),
        Input::new(p.PIN_7, Pull::Up),
        Input::new(p.PIN_8, Pull::Up),
        Input::new(p.PIN_9, Pull::Up),
        Input::new(p.PIN_10, Pull::Up),
        Input::new(p.PIN_11, Pull::Up),
        Input::new(p.PIN_12, Pull::Up),
        Input::new(p.PIN_13, Pull::Up),
    ];
    let pins = Pins {
        contacts,
        yellow: Output::new(p.PIN_14, Level::Low),
        green: Output::new(p.PIN_15, Level::Low),
        sounder: Output::new(p.PIN_22, Level::Low),
        relay: Output::new(p.PIN_2, Level::Low),
        light: Output::new(p.PIN_25, Level::Low),
    };
    let mut fast = Config::default();
    fast.frequency = SPI_HZ;
    let (sck, mosi, miso) = (p.PIN_18, p.PIN_19, p.PIN_16);
    let ethernet = Ethernet {
        spi: Spi::new(p.SPI0, sck, mosi, miso, p.DMA_CH0, p.DMA_CH1, Irqs, fast),
        select: Output::new(p.PIN_17, Level::High),
        reset: Output::new(p.PIN_20, Level::High),
        interrupt: Input::new(p.PIN_21, Pull::Up),
    };
    let log = UartTx::new_blocking(p.UART0, p.PIN_0, uart::Config::default());
    let line = Line {
        uart: p.UART1,
        sends: p.PIN_4,
        receives: p.PIN_5,
        direction: Output::new(p.PIN_3, Level::Low),
    };
    let analog = Analog {
        adc: adc::Adc::new_blocking(p.ADC, adc::Config::default()),
        supply: p.PIN_26,
        battery: p.PIN_27,
        supervised: p.PIN_28,
        temperature: p.ADC_TEMP_SENSOR,
    };
    Parts { pins, ethernet, line, analog, log, flash: p.FLASH, watchdog: p.WATCHDOG }
}
