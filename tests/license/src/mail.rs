//! Mail: what is written to a customer, and handing the outbox over to an SMTP server.

use std::fmt;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as Envelope, Tokio1Executor};
use thiserror::Error;
use tokio::task::JoinError;
use zeroize::Zeroizing;

use crate::store::{Mail, Message, Minted, Store, StoreError};

/// How long to wait before mails that could not be handed over are tried again.
const RETRY: Duration = Duration::from_mins(1);

/// The SMTP server that takes mail for delivery.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its name or address.
    pub host: String,
    /// Its port; the usual one of `security` when nothing is said.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// User and password, for a server that asks for them.
    pub login: Option<SmtpLogin>,
    /// The sender.
    pub from: String,
}

/// How the connection to an SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS after `STARTTLS`, never without (port 587).
    StartTls,
    /// None; for a relay on this machine only, because mails hold install codes (port 25).
    LoopbackOnly,
}

/// User and password of an SMTP server.
#[derive(Clone)]
pub struct SmtpLogin {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for SmtpLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SmtpLogin").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Mail can't be handed over with these settings.
#[derive(Debug, Error)]
pub enum SmtpError {
    /// The sender.
    #[error("`{from}` is not a mail address to send from")]
    From {
        /// The text.
        from: String,
        /// What is wrong with it.
        source: lettre::address::AddressError,
    },
    /// TLS.
    #[error("failed to set up TLS for the mail server")]
    Tls(#[source] lettre::transport::smtp::Error),
    /// No TLS.
    #[error("mail holds install codes; without TLS it is handed to `localhost`, `127.0.0.1` or `::1` only")]
    Unprotected,
}

/// A mail could not be handed over.
#[derive(Debug, Error)]
enum DeliveryError {
    #[error("failed to work on the outbox to its end")]
    Interrupted(#[source] JoinError),
    #[error("failed to read or mark the outbox")]
    Outbox(#[source] StoreError),
    #[error("failed to read the recipient's address")]
    Recipient(#[source] lettre::address::AddressError),
    #[error("failed to write the mail")]
    Compose(#[source] lettre::error::Error),
    #[error("failed to hand the mail to the mail server")]
    Send(#[source] lettre::transport::smtp::Error),
}

/// Hands the outbox over, one mail at a time.
pub(crate) struct Postman {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    store: Store,
}

impl Postman {
    /// A postman for one server. Nothing is sent yet.
    pub(crate) fn new(smtp: &Smtp, store: Store) -> Result<Self, SmtpError> {
        let from = smtp.from.parse().map_err(|source| SmtpError::From { from: smtp.from.clone(), source })?;
        let mut builder = match smtp.security {
            SmtpSecurity::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&smtp.host).map_err(SmtpError::Tls)?,
            SmtpSecurity::StartTls => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&smtp.host).map_err(SmtpError::Tls)?
            }
            SmtpSecurity::LoopbackOnly if matches!(smtp.host.as_str(), "localhost" | "127.0.0.1" | "::1") => {
                AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            }
            SmtpSecurity::LoopbackOnly => return Err(SmtpError::Unprotected),
        };
        if let Some(port) = smtp.port {
            builder = builder.port(port);
        }
        if let Some(login) = &smtp.login {
            builder = builder.credentials(Credentials::new(login.user.clone(), login.password.to_string()));
        }
        Ok(Self { transport: builder.build(), from, store })
    }

    /// Delivers what waits, then whenever something is queued or could not be delivered a while ago. Never returns.
    pub(crate) async fn work(self) {
        loop {
            if let Err(error) = self.deliver_all().await {
                tracing::error!(error = &error as &dyn std::error::Error, "the outbox can't be read");
            }
            // A mail that another process queued is found when the time is over.
            let _ = tokio::time::timeout(RETRY, self.store.mail_waiting()).await;
        }
    }

    async fn deliver_all(&self) -> Result<(), DeliveryError> {
        for message in self.on_store(Store::outbox).await? {
            let id = message.id;
            match self.deliver(message).await {
                Ok(()) => self.on_store(move |store| store.mail_delivered(id)).await?,
                Err(error) => {
                    tracing::warn!(id, error = &error as &dyn std::error::Error, "a mail waits for the next attempt");
                    self.on_store(move |store| store.mail_failed(id)).await?;
                }
            }
        }
        Ok(())
    }

    async fn deliver(&self, message: Message) -> Result<(), DeliveryError> {
        let to = message.mail.to.parse().map_err(DeliveryError::Recipient)?;
        let envelope = Envelope::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(message.mail.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(message.mail.text.to_string())
            .map_err(DeliveryError::Compose)?;
        self.transport.send(envelope).await.map(drop).map_err(DeliveryError::Send)
    }

    async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, DeliveryError> {
        let store = self.store.clone();
        let work = tokio::task::spawn_blocking(move || work(&store));
        work.await.map_err(DeliveryError::Interrupted)?.map_err(DeliveryError::Outbox)
    }
}

/// The mail that brings a code and its link.
pub(crate) fn announce(minted: &Minted, download_url: &str) -> Mail {
    let text = format!(
        "Hello,\n\n\
         this is the install code of your appliance ({company}, edition {edition}):\n\n    {code}\n\n\
         It works once, for one appliance, until {expires}.\n\
         The appliance image is here (the link expires):\n\n    {download_url}\n\n\
         Boot the machine from the image and type the code when you are asked for it.\n\
         If the code is lost or expired, ask for a new one: your tenant stays the same.\n",
        company = minted.company_name,
        edition = minted.edition,
        code = minted.code.grouped(),
        expires = minted.expires_at,
    );
    Mail {
        to: minted.contact_email.clone(),
        subject: format!("Your install code for {}", minted.company_name),
        text: Zeroizing::new(text),
    }
}
