//! The file of a SQLite database: its room, and who may read it.

use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};

use super::{Check, Report};
use crate::cli::Failure;
use crate::db::backup::{folder_of, with_suffix};

/// Below so many bytes nothing more can be written soon.
const LEAST: u64 = 64 * 1024 * 1024;

/// All about the file that can be told without opening it. Where there is none, opening it tells so.
pub(super) fn check(path: &str, report: &mut Report) -> Result<(), Failure> {
    let path = Path::new(path);
    let Ok(metadata) = path.metadata() else { return Ok(()) };
    report.add(&permissions(path, &metadata))?;
    report.add(&disk(path, &metadata))
}

/// The file has everybody's data and the secret that tokens are signed with.
fn permissions(path: &Path, metadata: &Metadata) -> Check {
    const NAME: &str = "permissions";
    let is_shut = access(path, Access::READ_OK | Access::WRITE_OK).is_err()
        || access(folder_of(path), Access::WRITE_OK | Access::EXEC_OK).is_err();
    if is_shut {
        let detail = format!("this user may not write to {} and its folder", path.display());
        return Check::failed(
            NAME,
            detail,
            "run this as the user as whom the server runs, and let him own both",
        );
    }
    let of = |path: &Path| path.metadata().map_or(0, |metadata| metadata.permissions().mode());
    let files = [path.to_owned(), with_suffix(path, "wal"), with_suffix(path, "shm")];
    let open: Vec<String> =
        files.iter().filter(|file| of(file) & 0o006 != 0).map(|file| file.display().to_string()).collect();
    // Nobody else reaches a file through a folder that is shut.
    if of(folder_of(path)) & 0o001 == 0 || open.is_empty() {
        return Check::ok(
            NAME,
            format!("{:o}, reached by its owner and group alone", metadata.permissions().mode() & 0o777),
        );
    }
    let advice = format!("chmod o-rwx {}", open.join(" "));
    Check::warning(
        NAME,
        "every user of this machine can read the database, with the signing secret in it",
        advice,
    )
}

fn disk(path: &Path, metadata: &Metadata) -> Check {
    const NAME: &str = "disk";
    let free = match statvfs(folder_of(path)) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => {
            let detail = format!("how much room is left is not known: {error}");
            return Check::warning(NAME, detail, "look at the disk of the database");
        }
    };
    let log: PathBuf = with_suffix(path, "wal");
    let size = metadata.len() + log.metadata().map_or(0, |log| log.len());
    let detail = format!("{} MiB are free; the database has {} MiB", free >> 20, size >> 20);
    if free < LEAST {
        return Check::failed(NAME, detail, "make room: writes are about to be refused");
    }
    if free < size {
        return Check::warning(NAME, detail, "make room: a backup on this disk, or a migration, may not fit");
    }
    Check::ok(NAME, detail)
}
