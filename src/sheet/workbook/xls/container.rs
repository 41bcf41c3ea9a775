//! Reads the stream with the workbook out of the container of an `.xls` file.
//!
//! The container is a small file system, whose tables may form a circle in a broken file. The crate that reads them sees the
//! file through a meter: it can read no more than a sound file needs, so it cannot use more memory either.

use std::io::{self, Read, Seek, SeekFrom};

use super::super::{Trouble, broken};

/// A sound file is read once: its tables when it is opened, its workbook when it is requested.
const TIMES_READ_MAX: u64 = 3;
/// Files of a few sectors may be read so many bytes beyond that.
const BYTES_FREE: u64 = 64 * 1024;

/// The version of Excel that wrote a stream, by the name of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// `Workbook`: Excel 97 and later.
    Workbook,
    /// `Book`: Excel 5 and 95.
    Book,
}

/// The bytes of the workbook of the newest version in the container.
///
/// # Errors
///
/// [`Trouble::Locked`] if it contains an encrypted workbook of a later Excel, [`Trouble::Broken`] if it is damaged or
/// contains no workbook.
pub(super) fn workbook<R: Read + Seek>(mut bytes: R) -> Result<(Name, Vec<u8>), Trouble> {
    let length = bytes.seek(SeekFrom::End(0)).map_err(|_| damaged())?;
    let metered = Metered {
        bytes,
        left: length
            .saturating_mul(TIMES_READ_MAX)
            .saturating_add(BYTES_FREE),
    };
    let mut container = cfb::CompoundFile::open(metered).map_err(|_| damaged())?;
    let name = if container.is_stream("/Workbook") {
        Name::Workbook
    } else if container.is_stream("/Book") {
        Name::Book
    } else if container.is_stream("/EncryptedPackage") {
        return Err(Trouble::Locked);
    } else {
        return Err(broken("it holds no workbook"));
    };
    let path = match name {
        Name::Workbook => "/Workbook",
        Name::Book => "/Book",
    };
    let mut stream = Vec::new();
    container
        .open_stream(path)
        .and_then(|mut file| file.read_to_end(&mut stream))
        .map_err(|_| damaged())?;
    Ok((name, stream))
}

/// The error for a file whose parts are not at their position.
pub(super) fn damaged() -> Trouble {
    broken("it is damaged")
}

/// Fails if more than `left` bytes are read from it in all.
struct Metered<R> {
    bytes: R,
    left: u64,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.bytes.read(buffer)?;
        let read = u64::try_from(length).unwrap_or(u64::MAX);
        self.left = self
            .left
            .checked_sub(read)
            .ok_or_else(|| io::Error::other("the tables of the container form a loop"))?;
        Ok(length)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(position)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::Cursor;

    use super::*;

    const SECTOR: usize = 512;

    /// A file that counts the bytes read from it.
    struct Counted<'a> {
        bytes: Cursor<Vec<u8>>,
        read: &'a Cell<usize>,
    }

    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.bytes.read(buffer)?;
            self.read.set(self.read.get() + length);
            Ok(length)
        }
    }

    impl Seek for Counted<'_> {
        fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
            self.bytes.seek(position)
        }
    }

    /// A container whose table of tables has so many sectors and always gives its own first one as a table.
    fn crowded(sectors: u32) -> Vec<u8> {
        const END: u32 = 0xFFFF_FFFE;
        let mut numbers: Vec<u32> = vec![0xE011_CFD0, 0xE11A_B1A1, 0, 0, 0, 0];
        numbers.extend([
            0x0003_003E,
            0x0009_FFFE,
            6,
            0,
            0,
            1,
            0,
            0,
            4096,
            END,
            0,
            0,
            sectors,
        ]);
        numbers.resize(SECTOR / 4, 0);
        for next in 1..=sectors {
            numbers.extend([1; SECTOR / 4 - 1]);
            numbers.push(if next == sectors { END } else { next });
        }
        numbers.into_iter().flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn no_more_is_read_of_a_file_than_a_sound_one_needs() {
        let bytes = crowded(2000);
        let length = bytes.len();
        let read = Cell::new(0);
        let result = workbook(Counted {
            bytes: Cursor::new(bytes),
            read: &read,
        });
        assert!(matches!(result, Err(Trouble::Broken(_))));
        // The table alone would be 127 times the file.
        assert!(read.get() > 2 * length, "the table was not even begun");
        assert!(read.get() < 4 * length, "{} of {length}", read.get());
    }
}
