//! Taking the mask from a client's payload.

/// Takes the mask `key` from `bytes`, whose first byte is the `phase`-th of the frame's payload (only its lowest two bits
/// count).
pub(crate) fn unmask(bytes: &mut [u8], key: [u8; 4], phase: usize) {
    let mut turned = key;
    turned.rotate_left(phase % 4);
    let word = u64::from(u32::from_ne_bytes(turned));
    let word = word | word << 32;
    let mut words = bytes.chunks_exact_mut(8);
    for chunk in &mut words {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(eight) ^ word).to_ne_bytes());
    }
    for (byte, key) in words.into_remainder().iter_mut().zip(turned.iter().cycle()) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_as_byte_by_byte_at_any_length_and_phase() {
        let key = [0x12, 0x34, 0x56, 0x78];
        for length in 0..70 {
            for phase in 0..9 {
                let mut bytes: Vec<u8> = (0..length).collect();
                let plain = bytes.iter().enumerate();
                let expected: Vec<u8> = plain
                    .map(|(at, byte)| byte ^ key[(phase + at) % 4])
                    .collect();
                unmask(&mut bytes, key, phase);
                assert_eq!(bytes, expected, "length {length}, phase {phase}");
            }
        }
    }
}
