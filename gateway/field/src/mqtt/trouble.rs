//! Why there is no connection to a broker, in the words of whoever can change that.

use std::io;

use rumqttc::{
    ConnectReturnCode, ConnectionError,
    StateError::{self, Deserialization as Decoding},
    TlsError,
    mqttbytes::Error as Bytes,
};
use rustls::{AlertDescription as Alert, CertificateError, Error as Rustls};

/// What is to be done about a lost connection or one that was refused; none where nothing but waiting
/// is known to help.
pub(super) fn remedy(error: &ConnectionError) -> Option<&'static str> {
    match error {
        ConnectionError::ConnectionRefused(code) => refused(*code),
        ConnectionError::Tls(TlsError::TLS(error)) => encrypted(error),
        ConnectionError::Tls(TlsError::Io(error))
        | ConnectionError::Io(error)
        | ConnectionError::MqttState(StateError::Io(error) | Decoding(Bytes::Io(error))) => {
            at_the_socket(error)
        }
        _ => None,
    }
}

fn refused(code: ConnectReturnCode) -> Option<&'static str> {
    use ConnectReturnCode as Code;
    match code {
        Code::BadUserNamePassword | Code::NotAuthorized => Some(
            "the broker does not know this user with this password: correct `user` and password_file",
        ),
        Code::ClientIdentifierNotValid | Code::BadClientId => {
            Some("the broker does not want the gateway's client id (gengfu-<site>): allow it there")
        }
        Code::Banned => Some("the broker has banned the gateway: take that back there"),
        _ => None,
    }
}

fn at_the_socket(error: &io::Error) -> Option<&'static str> {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Rustls>());
    inner.and_then(encrypted)
}

fn encrypted(error: &Rustls) -> Option<&'static str> {
    match error {
        Rustls::AlertReceived(Alert::CertificateRequired) => {
            Some("the broker wants a certificate of the gateway: set cert_file and key_file")
        }
        Rustls::AlertReceived(
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::DecryptError
            | Alert::AccessDenied,
        ) => Some(
            "the broker does not take the gateway's certificate: cert_file must be one that its authority has signed",
        ),
        Rustls::AlertReceived(Alert::CertificateExpired) => {
            Some("the gateway's certificate has lapsed: put a new one into cert_file")
        }
        Rustls::AlertReceived(Alert::HandshakeFailure) => Some(
            "the broker ended the handshake: where it wants a certificate, set cert_file and key_file",
        ),
        Rustls::InvalidCertificate(error) => Some(broker_s(error)),
        _ => None,
    }
}

/// What is wrong with the broker's own certificate.
fn broker_s(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "the broker's certificate is from nobody who is trusted: put its authority's into ca_file"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "the broker's certificate is for another name: write that name into `url`"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the broker's certificate has lapsed: renew it there"
        }
        _ => "the broker's certificate can't be trusted: see the error",
    }
}
