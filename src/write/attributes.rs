//! Owner, mode and extended attributes, which a file keeps when it is replaced.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

use xattr::FileExt;

use super::Original;

/// The bits that let whoever runs a file act as its owner or group.
const SET_ID: u32 = 0o6000;

/// Gives `file` the owner, mode and extended attributes of `original`. Only the mode
/// must succeed: another's file cannot be given back its owner without privilege.
pub fn copy_attributes(original: &Original, file: &File) -> io::Result<()> {
    let metadata = &original.metadata;
    let is_kept = give_owner(file, metadata.uid(), metadata.gid())?;
    // after the owner: changing it clears set-id bits
    file.set_permissions(Permissions::from_mode(mode_of(metadata.mode(), is_kept)))?;
    // of the file itself: its path may be that of a link
    for name in original.file.list_xattr().into_iter().flatten() {
        if let Ok(Some(value)) = original.file.get_xattr(&name) {
            let _ = file.set_xattr(&name, &value);
        }
    }
    Ok(())
}

/// Gives a file an owner and a group, or the group alone, which is often possible; whether it
/// has both.
fn give_owner(file: &File, user: u32, group: u32) -> io::Result<bool> {
    let metadata = file.metadata()?;
    if (metadata.uid(), metadata.gid()) == (user, group) {
        return Ok(true);
    }
    let is_given = fchown(file, Some(user), Some(group)).is_ok();
    if !is_given {
        let _ = fchown(file, None, Some(group));
    }
    Ok(is_given)
}

/// The mode of a new file in the place of one with `mode`: it must not lend the rights of an owner
/// who never gave them.
fn mode_of(mode: u32, is_owner_kept: bool) -> u32 {
    if is_owner_kept { mode } else { mode & !SET_ID }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_not_lent_in_the_name_of_another() {
        assert_eq!(mode_of(0o104_755, true), 0o104_755);
        assert_eq!(mode_of(0o106_755, false), 0o100_755);
    }
}
