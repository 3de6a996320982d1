//! The certificate authorities of the system and of Mozilla → whether a server's certificate is trusted. All
//! connections of a client share one answer.
//!
//! Reading three hundred certificates takes longer than a poll whose answer is 304, and a pass over files or
//! `http` addresses needs none: they are read when the first server shows a certificate, once for each client. A
//! configuration that is loaded again makes a new client, which reads them again.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// The protocols that are offered in a TLS handshake (ALPN, RFC 7301).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HttpVersions {
    /// HTTP/2, else HTTP/1.1.
    All,
    /// HTTP/1.1.
    One,
}

impl HttpVersions {
    fn alpn(self) -> Vec<Vec<u8>> {
        match self {
            Self::All => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Self::One => vec![b"http/1.1".to_vec()],
        }
    }
}

/// The TLS settings of one client.
#[derive(Debug, Clone)]
pub(super) struct TlsSettings(ClientConfig);

impl TlsSettings {
    /// Settings for new connections; no certificate authority is read yet.
    ///
    /// # Errors
    /// When the cryptography of the program supports no version of TLS.
    pub(super) fn new() -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(TrustedRoots::new(Arc::clone(&provider)));
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(roots)
            .with_no_client_auth();
        Ok(Self(config))
    }

    /// The settings of connections that speak these versions of HTTP.
    pub(super) fn for_versions(&self, versions: HttpVersions) -> ClientConfig {
        let mut config = self.0.clone();
        config.alpn_protocols = versions.alpn();
        config
    }
}

/// The verifier of the platform, set up when it is needed.
#[derive(Debug)]
struct TrustedRoots {
    provider: Arc<CryptoProvider>,
    verifier: OnceLock<Result<Verifier, Error>>,
}

impl TrustedRoots {
    fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { provider, verifier: OnceLock::new() }
    }

    fn verifier(&self) -> Result<&Verifier, Error> {
        let mozilla = || webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
        let read = || Verifier::new_with_extra_roots(mozilla(), Arc::clone(&self.provider));
        self.verifier.get_or_init(read).as_ref().map_err(Clone::clone)
    }
}

/// Every decision is that of the verifier of the platform.
impl ServerCertVerifier for TrustedRoots {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verifier = self.verifier()?;
        verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots() -> TrustedRoots {
        TrustedRoots::new(Arc::new(rustls::crypto::ring::default_provider()))
    }

    #[test]
    fn authorities_are_read_when_a_certificate_is_shown() {
        let roots = roots();
        let schemes = roots.supported_verify_schemes();
        assert!(roots.verifier.get().is_none(), "a handshake that begins needs none");
        let name = ServerName::try_from("a.example").unwrap();
        let unknown = CertificateDer::from(b"no certificate".to_vec());
        let verdict = roots.verify_server_cert(&unknown, &[], &name, &[], UnixTime::now());
        assert!(matches!(verdict, Err(Error::InvalidCertificate(_))), "{verdict:?}");
        let read = roots.verifier.get().unwrap().as_ref().unwrap();
        assert_eq!(read.supported_verify_schemes(), schemes, "as the verifier itself offers");
        // The certificate of an authority is understood, and it is not that of a server.
        let authority = &webpki_root_certs::TLS_SERVER_ROOT_CERTS[0];
        let verdict = roots.verify_server_cert(authority, &[], &name, &[], UnixTime::now());
        assert!(matches!(verdict, Err(Error::InvalidCertificate(_))), "{verdict:?}");
    }

    #[test]
    fn only_the_versions_that_a_connection_speaks_are_offered() {
        let settings = TlsSettings::new().unwrap();
        let offered = |versions| settings.for_versions(versions).alpn_protocols;
        assert_eq!(offered(HttpVersions::All), [&b"h2"[..], b"http/1.1"]);
        assert_eq!(offered(HttpVersions::One), [b"http/1.1"]);
    }
}
