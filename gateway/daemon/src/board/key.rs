//! The keys of updates: ed25519, as boards check them. The private one signs, and is nobody's but its
//! owner's; the public one goes into every board's identity.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use ed25519_dalek::{SigningKey, VerifyingKey};
use gengfu_wire::manifest::from_hex;

/// What the file of a private key begins with.
const PRIVATE: &str = "gengfu-signing-key";
/// What the file of a public key begins with.
const PUBLIC: &str = "gengfu-update-key";

/// Makes a pair: the private key in `file`, readable by its owner alone, the public one in `file.pub`.
///
/// # Errors
/// Where a file is there already or can't be written, or stands in a repository.
pub fn generate(file: &Path, out: &mut impl Write) -> anyhow::Result<()> {
    if let Some(repository) = repository(file)? {
        bail!(
            "{} lies in the repository {}, from where a key is easily given away: choose a folder \
             outside of it",
            file.display(),
            repository.display()
        );
    }
    let public_file = public_file(file);
    if public_file.exists() {
        bail!("{} is there already: choose another name", public_file.display());
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).context("the system has no random numbers to give")?;
    let key = SigningKey::from_bytes(&seed);
    let public = hex(key.verifying_key().as_bytes());
    put(file, 0o600, &format!("{PRIVATE} {}\n", hex(&seed)))?;
    put(&public_file, 0o644, &format!("{PUBLIC} {public}\n"))?;
    writeln!(
        out,
        "{}: the private key. Whoever has it can change every board that trusts it, and without it no \
         board is ever updated again: keep it off this machine, and a copy elsewhere\n\
         {}: the public key, for `gengfu board new --update-key`\n{public}",
        file.display(),
        public_file.display()
    )?;
    Ok(())
}

/// Reads a private key.
///
/// # Errors
/// Where the file is none, can't be read, or may be read by others too.
pub fn private(file: &Path) -> anyhow::Result<SigningKey> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(file).with_context(|| file.display().to_string())?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{} may be read by others too: chmod 600 it first", file.display());
    }
    Ok(SigningKey::from_bytes(&read(file, PRIVATE)?))
}

/// Reads a public key.
///
/// # Errors
/// Where the file is none, or can't be read.
pub fn public(file: &Path) -> anyhow::Result<VerifyingKey> {
    let bytes = read(file, PUBLIC)?;
    VerifyingKey::from_bytes(&bytes)
        .with_context(|| format!("{} holds no key of ed25519", file.display()))
}

/// As digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of 64 digits.
pub fn digest(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    from_hex(text, &mut bytes).filter(|length| *length == bytes.len()).map(|_| bytes)
}

fn read(file: &Path, kind: &str) -> anyhow::Result<[u8; 32]> {
    let text =
        fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let digits = text.trim().strip_prefix(kind).map(str::trim);
    digits.and_then(digest).with_context(|| {
        format!("{} is no {kind}: name a file that `gengfu board keygen` made", file.display())
    })
}

fn public_file(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".pub");
    name.into()
}

/// The repository that a file would lie in.
fn repository(file: &Path) -> anyhow::Result<Option<PathBuf>> {
    let file = std::path::absolute(file)?;
    let folder = file.parent().unwrap_or(&file);
    let folder = fs::canonicalize(folder)
        .with_context(|| format!("{}: the folder is not there: make it first", folder.display()))?;
    Ok(folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned))
}

/// Writes a file that must not be there yet.
fn put(file: &Path, mode: u32, text: &str) -> anyhow::Result<()> {
    let mut made =
        fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(file).with_context(
            || format!("{} can't be made: choose a name that is not taken", file.display()),
        )?;
    made.write_all(text.as_bytes())?;
    made.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use ed25519_dalek::Signer;

    use super::*;

    #[test]
    fn what_the_private_key_signs_the_public_one_believes_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("updates.key");
        let mut said = vec![];
        generate(&file, &mut said).unwrap();
        let said = String::from_utf8(said).unwrap();
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (private_key, public_key) =
            (private(&file).unwrap(), public(&folder.path().join("updates.key.pub")).unwrap());
        public_key.verify_strict(b"firmware", &private_key.sign(b"firmware")).unwrap();
        assert!(said.contains(&hex(public_key.as_bytes())));
        assert!(!said.contains(&hex(private_key.as_bytes())), "the private key is not shown");
        // Nothing is ever written over, and one is not taken for the other.
        let before = fs::read(&file).unwrap();
        assert!(generate(&file, &mut vec![]).is_err());
        assert_eq!(fs::read(&file).unwrap(), before);
        assert!(public(&file).is_err());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(private(&file).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn no_key_is_made_in_a_repository() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(".git")).unwrap();
        fs::create_dir_all(folder.path().join("deep")).unwrap();
        let file = folder.path().join("deep/updates.key");
        let error = generate(&file, &mut vec![]).unwrap_err().to_string();
        assert!(error.contains("repository"), "{error}");
        assert!(!file.exists());
    }
}
