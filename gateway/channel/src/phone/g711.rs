//! G.711: the two codecs that every telephone speaks, 8,000 samples a second of one byte each
//! (ITU-T G.711; the numbers of RFC 3551).

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    /// PCMA, payload type 8: Europe, China.
    A,
    /// PCMU, payload type 0: North America, Japan.
    Mu,
}

impl Law {
    /// The payload type of RFC 3551.
    pub fn payload_type(self) -> u8 {
        match self {
            Law::A => 8,
            Law::Mu => 0,
        }
    }

    /// The law of a payload type.
    pub fn of(payload_type: u8) -> Option<Self> {
        match payload_type {
            8 => Some(Law::A),
            0 => Some(Law::Mu),
            _ => None,
        }
    }

    /// One sample.
    pub fn encode(self, sample: i16) -> u8 {
        match self {
            Law::A => a(sample),
            Law::Mu => mu(sample),
        }
    }

    /// The sample of a byte.
    pub fn decode(self, byte: u8) -> i16 {
        match self {
            Law::A => from_a(byte),
            Law::Mu => from_mu(byte),
        }
    }

    /// The byte of silence.
    pub fn silence(self) -> u8 {
        self.encode(0)
    }
}

fn from_a(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (segment, mantissa) = ((byte >> 4) & 7, i16::from(byte & 0x0f));
    // In the middle of the step that it stands for.
    let magnitude = match segment {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (segment - 1),
    };
    if byte & 0x80 != 0 { magnitude } else { -magnitude }
}

fn from_mu(byte: u8) -> i16 {
    let byte = !byte;
    let (segment, mantissa) = ((byte >> 4) & 7, i32::from(byte & 0x0f));
    let magnitude = ((((mantissa << 3) + 0x84) << segment) - 0x84) as i16;
    if byte & 0x80 != 0 { -magnitude } else { magnitude }
}

fn a(sample: i16) -> u8 {
    let positive = sample >= 0;
    let magnitude = if positive { sample } else { !sample } >> 3;
    let segment = 7_i16.saturating_sub(magnitude.leading_zeros() as i16 - 4).max(0);
    let shift = if segment < 2 { 1 } else { segment };
    let mantissa = (magnitude >> shift) & 0x0f;
    let byte = ((segment << 4) | mantissa) as u8;
    // The sign, and every other bit turned round.
    byte ^ if positive { 0xd5 } else { 0x55 }
}

fn mu(sample: i16) -> u8 {
    /// So that the logarithm begins at a whole segment.
    const BIAS: i32 = 0x84;
    const CLIP: i32 = 32_635;
    let negative = sample < 0;
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let segment = (24 - magnitude.leading_zeros() as i32).max(0);
    let mantissa = (magnitude >> (segment + 3)) & 0x0f;
    let byte = ((segment << 4) | mantissa) as u8 | if negative { 0x80 } else { 0 };
    !byte
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The decoders, as the recommendation writes them, for the way back.
    fn back(law: Law, byte: u8) -> i32 {
        match law {
            Law::A => {
                let byte = byte ^ 0x55;
                let (segment, mantissa) = (i32::from(byte >> 4 & 7), i32::from(byte & 15));
                let magnitude = match segment {
                    0 => (mantissa << 4) + 8,
                    _ => ((mantissa << 4) + 0x108) << (segment - 1),
                };
                if byte & 0x80 == 0 { -magnitude } else { magnitude }
            }
            Law::Mu => {
                let byte = !byte;
                let (segment, mantissa) = (i32::from(byte >> 4 & 7), i32::from(byte & 15));
                let magnitude = (((mantissa << 3) + 0x84) << segment) - 0x84;
                if byte & 0x80 == 0 { magnitude } else { -magnitude }
            }
        }
    }

    #[test]
    fn every_sample_comes_back_within_its_step() {
        for law in [Law::A, Law::Mu] {
            for sample in (i16::MIN..=i16::MAX).step_by(7) {
                let heard = back(law, law.encode(sample));
                let (sample, off) = (i32::from(sample), (heard - i32::from(sample)).abs());
                assert!(off <= sample.abs() / 16 + 20, "{law:?}: {sample} is heard as {heard}");
            }
        }
    }

    #[test]
    fn every_byte_is_heard_as_the_recommendation_s_tables_have_it() {
        for byte in 0..=u8::MAX {
            for law in [Law::A, Law::Mu] {
                assert_eq!(i32::from(law.decode(byte)), back(law, byte), "{law:?} {byte:#x}");
            }
        }
    }

    #[test]
    fn silence_is_the_byte_that_the_recommendation_gives() {
        assert_eq!((Law::A.silence(), Law::Mu.silence()), (0xd5, 0xff));
        assert_eq!(Law::of(Law::A.payload_type()), Some(Law::A));
        assert_eq!(Law::of(101), None);
    }
}
