using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Gateway.Coap.Dtls;

/// <summary>The client's side of a handshake: what it offers, and what it ends with.</summary>
internal sealed class ClientHandshake : AbstractTlsClient
{
    private readonly DtlsClientSettings _settings;
    private readonly TransmissionParameters _patience;

    private ClientHandshake(TlsCrypto crypto, DtlsClientSettings settings, TransmissionParameters patience)
        : base(crypto) => (_settings, _patience) = (settings, patience);

    private SessionSecrets? Secrets { get; set; }

    /// <summary>Shakes hands, and blocks the thread until that has come to an end.</summary>
    /// <param name="transport">The way to the server.</param>
    /// <param name="settings">What is offered.</param>
    /// <param name="patience">After which time something is said again, and how often.</param>
    /// <exception cref="CoapClientException">There is no session; the message says why, for a person.</exception>
    public static SessionSecrets Run(ClientTransport transport, DtlsClientSettings settings, TransmissionParameters patience)
    {
        var client = new ClientHandshake(new BcTlsCrypto(), settings, patience);
        try
        {
            _ = new DtlsClientProtocol().Connect(client, transport);
        }
        catch (IOException exception)
        {
            throw transport.Failure ?? client.Explain(exception);
        }

        return client.Secrets! with { NextSequence = transport.NextSequence };
    }

    public override int GetHandshakeResendTimeMillis() => (int)_patience.AckTimeout.TotalMilliseconds;

    public override int GetHandshakeTimeoutMillis() => (int)_patience.MaxTransmitSpan.TotalMilliseconds;

    // RFC 5746 guards a second handshake within a session, and here there is none.
    public override void NotifySecureRenegotiation(bool secureRenegotiation)
    {
    }

    public override TlsPskIdentity GetPskIdentity() => new BasicTlsPskIdentity(_settings.Identity, _settings.Key);

    /// <exception cref="TlsFatalAlert">The server shows a certificate, which no suite of ours has asked for.</exception>
    public override TlsAuthentication GetAuthentication() => throw new TlsFatalAlert(AlertDescription.unexpected_message);

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Secrets = SessionSecrets.Of(m_context);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => [.. _settings.Suites.Select(suite => suite.Number)];

    protected override byte[]? GetNewConnectionID() => _settings.ConnectionId;

    // It asks for what belongs to certificates, which would make the first datagram longer.
    protected override CertificateStatusRequest? GetCertificateStatusRequest() => null;

    private CoapClientException Explain(IOException exception) => exception switch
    {
        TlsTimeoutException => new CoapClientException(
            CoapClientError.TimedOut, $"the DTLS handshake did not end within {_patience.MaxTransmitSpan.TotalSeconds} s: nothing answers there, or nothing that speaks DTLS"),
        TlsFatalAlertReceived alert => new CoapClientException(CoapClientError.HandshakeFailed, ExplainAlert(alert.AlertDescription), alert),
        TlsFatalAlert alert => new CoapClientException(
            CoapClientError.HandshakeFailed, $"the DTLS handshake ended on this side: {AlertDescription.GetName(alert.AlertDescription)}", alert),
        _ => new CoapClientException(CoapClientError.HandshakeFailed, $"the DTLS handshake failed: {exception.Message}", exception),
    };

    private string ExplainAlert(short alert)
    {
        var text = new StringBuilder($"the server ended the DTLS handshake: {AlertDescription.GetName(alert)}");
        var hint = alert switch
        {
            AlertDescription.decrypt_error or AlertDescription.bad_record_mac or AlertDescription.unknown_psk_identity =>
                $"it does not know the identity \"{_settings.Identity}\", or has another key for it",
            AlertDescription.handshake_failure or AlertDescription.insufficient_security =>
                $"it takes none of {string.Join(", ", _settings.Suites.Select(suite => suite.Name))}",
            AlertDescription.protocol_version => "it does not speak DTLS 1.2",
            _ => null,
        };
        return hint is null ? text.ToString() : text.Append(": ").Append(hint).ToString();
    }
}
