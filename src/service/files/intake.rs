//! The way in: plain bytes come in pieces, are looked at, hashed, sealed and written; the whole is never in memory.

use sha2::{Digest, Sha256};

use super::Prepared;
use crate::depot::{Depot, Incoming};
use crate::domain::file::Probe;
use crate::domain::refusal::Refusal;
use crate::service::Result;
use crate::store::files::FileContent;
use crate::vault::Sealer;

/// A file on its way in. Dropped before it is finished, it leaves nothing.
pub struct Intake {
    incoming: Incoming,
    sealer: Sealer,
    probe: Probe,
    hash: Sha256,
    most: u64,
}

impl Intake {
    /// Begins; takes at most `most` plain bytes.
    ///
    /// # Errors
    /// What the depot says.
    pub async fn begin(depot: &Depot, prepared: &Prepared, most: u64) -> Result<Self> {
        let (sealer, header) = Sealer::new(&prepared.key, &prepared.id.to_string());
        let mut incoming = depot.begin(prepared.id).await?;
        incoming.write(&header).await?;
        Ok(Self { incoming, sealer, probe: Probe::default(), hash: Sha256::new(), most })
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `FileTooLarge`; `Invalid` as soon as the beginning shows that it will not be taken; what the depot says.
    pub async fn take(&mut self, bytes: &[u8]) -> Result<()> {
        self.probe.feed(bytes);
        if self.probe.total() > self.most {
            return Err(Refusal::FileTooLarge.into());
        }
        if self.probe.is_hopeless() {
            return Err(Refusal::field("/file", "file-type-not-allowed").into());
        }
        self.hash.update(bytes);
        let mut sealed = Vec::new();
        self.sealer.update(bytes, &mut sealed)?;
        Ok(self.incoming.write(&sealed).await?)
    }

    /// Ends: says what the file is, once it lies in its place and on the disk.
    ///
    /// # Errors
    /// `Invalid` when it is no file that is taken; what the depot says.
    pub async fn finish(mut self, depot: &Depot) -> Result<FileContent> {
        let media_type = self.probe.finish().map_err(|code| Refusal::field("/file", code))?;
        let mut sealed = Vec::new();
        self.sealer.finish(&mut sealed)?;
        self.incoming.write(&sealed).await?;
        let object = depot.place(self.incoming).await?;
        Ok(FileContent {
            media_type,
            bytes: i64::try_from(self.probe.total()).unwrap_or(i64::MAX),
            sha256: hex::encode(self.hash.finalize()),
            object,
            wrapped_key: None,
        })
    }
}
