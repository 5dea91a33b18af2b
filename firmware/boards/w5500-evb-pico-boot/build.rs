//! Puts the memory's layout where the linker looks for it.

use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::copy("memory.x", out.join("memory.x"))?;
    println!("cargo::rustc-link-search={}", out.display());
    // The second stage of the chip's own boot loader goes to the flash's first bytes.
    println!("cargo::rustc-link-arg-bins=-Tlink-rp.x");
    println!("cargo::rerun-if-changed=memory.x");
    Ok(())
}
