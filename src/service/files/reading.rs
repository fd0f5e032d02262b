//! The way out: sealed bytes are opened chunk by chunk. A file is read once to its end before the first byte of it is
//! handed out, so that what was tampered with is an error and not half a file.

use std::pin::Pin;

use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};

use crate::depot::{Depot, DepotError};
use crate::domain::ids::{DossierId, FileId};
use crate::service::{Error, Result};
use crate::store::ReadTx;
use crate::store::files::{self, File};
use crate::vault::{FileKey, Opener};

/// A sealed file of the depot that may be opened.
#[derive(Debug, Clone)]
pub struct Source {
    /// The id that its chunks are bound to.
    pub id: String,
    /// Its name in the depot.
    pub object: String,
    /// SHA-256 of its plain bytes, in hex.
    pub sha256: String,
    /// Its key.
    pub key: FileKey,
}

type Sealed = Pin<Box<dyn Stream<Item = std::result::Result<Vec<u8>, DepotError>>>>;

/// The plain bytes of a file, each piece verified before it is given.
///
/// # Errors
/// What the depot says; `Vault` for a piece that was changed, moved or cut off.
pub async fn plain(depot: &Depot, source: &Source) -> Result<impl Stream<Item = Result<Vec<u8>>> + use<>> {
    let sealed: Sealed = Box::pin(depot.read(&source.object).await?);
    let opener = Opener::new(&source.key, &source.id);
    Ok(stream::try_unfold((sealed, Some(opener)), next))
}

async fn next(
    (mut sealed, opener): (Sealed, Option<Opener>),
) -> Result<Option<(Vec<u8>, (Sealed, Option<Opener>))>> {
    let Some(mut opener) = opener else { return Ok(None) };
    let mut out = Vec::new();
    while out.is_empty() {
        match sealed.next().await {
            Some(piece) => opener.update(&piece?, &mut out)?,
            None => {
                opener.finish(&mut out)?;
                return Ok(Some((out, (sealed, None))));
            }
        }
    }
    Ok(Some((out, (sealed, Some(opener)))))
}

/// Reads a file to its end: every piece opens, and together they are what was uploaded.
///
/// # Errors
/// As `plain`; `Vault` when it is another file than the row says.
pub async fn verify(depot: &Depot, source: &Source) -> Result<()> {
    let pieces = plain(depot, source).await?;
    let hash = pieces.try_fold(Sha256::new(), |hash, piece| async move { Ok(hash.chain_update(&piece)) });
    match hex::encode(hash.await?.finalize()) == source.sha256 {
        true => Ok(()),
        false => Err(Error::Vault("a stored file is not the one that was put there".to_owned())),
    }
}

/// Another paper of the dossier with the same bytes as this one, unless it is gone.
///
/// # Errors
/// `Error::Store` of the database.
pub fn twin(tx: &mut ReadTx<'_>, dossier: DossierId, id: FileId) -> Result<Option<FileId>> {
    let all = files::of_dossier(tx, dossier)?;
    let hash = |file: &File| file.content.as_ref().map(|content| content.sha256.clone());
    let own = all.iter().find(|file| file.id == id).and_then(hash);
    let same = |file: &&File| file.id != id && file.gone.is_none() && own.is_some() && hash(file) == own;
    Ok(all.iter().find(same).map(|file| file.id))
}
