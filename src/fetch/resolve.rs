//! A name → its addresses, all of them public; otherwise a refusal.
//!
//! The connector itself uses this resolver: the connection goes to the very addresses that were checked, so
//! a name that resolves differently the second time gains nothing (DNS rebinding). One private address
//! among public ones refuses the name. Literal addresses never come here: the client checks them itself.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::public_address;

/// Why a name was not resolved.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    /// One address is not public.
    #[error("{ip} is {kind}")]
    Private {
        /// The address.
        ip: IpAddr,
        /// What it is.
        kind: &'static str,
    },
    /// There is no address at all.
    #[error("the name has no address")]
    NoAddress,
    /// The system's resolver failed.
    #[error(transparent)]
    Failed(#[from] std::io::Error),
}

/// Resolves as the system does and refuses addresses that are not public.
#[derive(Debug)]
pub(super) struct PublicOnlyResolver;

impl Resolve for PublicOnlyResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(ResolveError::from)?.collect();
            check_all_public(&found)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn check_all_public(found: &[SocketAddr]) -> Result<(), ResolveError> {
    if found.is_empty() {
        return Err(ResolveError::NoAddress);
    }
    let private = found.iter().map(SocketAddr::ip);
    let mut private =
        private.filter_map(|ip| public_address::private_reason(ip).map(|kind| (ip, kind)));
    match private.next() {
        Some((ip, kind)) => Err(ResolveError::Private { ip, kind }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_private_address_refuses_the_name() {
        let check = |found: &[&str], expected: Result<(), &str>| {
            let found: Vec<SocketAddr> = found.iter().map(|at| at.parse().unwrap()).collect();
            let checked = check_all_public(&found).map_err(|refusal| refusal.to_string());
            assert_eq!(checked, expected.map_err(str::to_owned), "{found:?}");
        };
        check(&["8.8.8.8:0", "[2606:4700::1111]:0"], Ok(()));
        check(&["8.8.8.8:0", "10.0.0.1:0"], Err("10.0.0.1 is private"));
        check(&["[2606:4700::1111]:0", "[::1]:0"], Err("::1 is loopback"));
        check(&["[::ffff:127.0.0.1]:0"], Err("::ffff:127.0.0.1 is loopback"));
        check(&[], Err("the name has no address"));
    }

    #[tokio::test]
    async fn the_systems_addresses_are_checked() {
        let resolved = PublicOnlyResolver.resolve("localhost".parse().unwrap()).await;
        let refusal = resolved.err().unwrap();
        let refusal = refusal.downcast_ref::<ResolveError>().unwrap();
        assert!(matches!(refusal, ResolveError::Private { kind: "loopback", .. }), "{refusal}");
    }
}
