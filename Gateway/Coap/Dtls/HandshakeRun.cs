using System.Buffers.Binary;
using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>A handshake as far as it goes with what has come: a function of its seed and of the datagrams.</summary>
//
// BouncyCastle waits for the next datagram in the middle of a handshake, and would hold a thread for as long as a sleepy radio takes to
// answer. So it is never made to wait: it is run from the beginning with all that has come so far and the chance of the first time, says
// what it said before and then something new, and is stopped where it would wait. A handshake is two runs, and between them it is a seed
// and some datagrams.
internal static class HandshakeRun
{
    public static HandshakeStep Go(Handshake handshake, IReadOnlyList<byte[]> heard, int sendLimit)
    {
        var crypto = new ReplayedCrypto(handshake.Seed);
        var server = new ServerHandshake(crypto, handshake.Terms, handshake.KeyIndex, handshake.ConnectionId);
        var transport = new ReplayedTransport(InOrder(heard), sendLimit);
        try
        {
            _ = new DtlsServerProtocol().Accept(server, transport, handshake.Request);
            return new HandshakeStep(HandshakeOutcome.Completed, server, transport.Said);
        }
        catch (Exception) when (transport.IsStarved && HasUnopened(server, heard, handshake.ConnectionId))
        {
            return new HandshakeStep(server.KeyCount == 0 ? HandshakeOutcome.UnknownIdentity : HandshakeOutcome.WrongKey, server, [.. transport.Said, AlertBehind(transport.Said)]);
        }
        catch (Exception) when (transport.IsStarved)
        {
            return new HandshakeStep(null, server, transport.Said);
        }
        catch (TlsFatalAlert alert)
        {
            return new HandshakeStep(OutcomeOf(alert, server), server, transport.Said) { Failure = alert };
        }
        catch (IOException exception)
        {
            return new HandshakeStep(HandshakeOutcome.Malformed, server, transport.Said) { Failure = exception };
        }
    }

    // BouncyCastle passes over a record that it can't open, and waits for a better one. With a key in common nothing is missing then: the
    // peer has another key, and should know at once rather than repeat itself until it gives up.
    private static bool HasUnopened(ServerHandshake server, IReadOnlyList<byte[]> heard, byte[] connectionId)
    {
        var progress = default(HandshakeProgress);
        foreach (var datagram in heard)
        {
            progress.Add(datagram, connectionId);
        }

        return server.ClaimedName is not null && progress.IsFinished;
    }

    private static byte[] AlertBehind(List<byte[]> said)
    {
        var next = said.Count == 0 ? 0 : BinaryPrimitives.ReadUInt64BigEndian(said[^1].AsSpan(3)) + 1;
        byte[] alert = new byte[Record.HeaderSize + 2];
        Record.WriteHead(alert, RecordType.Alert, next, [], 2);
        (alert[^2], alert[^1]) = ((byte)AlertLevel.fatal, (byte)AlertDescription.decrypt_error);
        return alert;
    }

    // Datagrams overtake each other, and BouncyCastle drops what comes before its time. From the beginning again, nothing is too early.
    private static List<byte[]> InOrder(IReadOnlyList<byte[]> heard)
    {
        var ordered = new List<byte[]>(heard.Count + 2);
        for (var stage = 0; stage <= 2; stage++)
        {
            foreach (var datagram in heard)
            {
                var rest = datagram.AsSpan();
                while (Record.TryRead(rest, HandshakeConnectionId.Length, out var record))
                {
                    if (StageOf(record) == stage)
                    {
                        ordered.Add(record.Whole.ToArray());
                    }

                    rest = rest[record.Whole.Length..];
                }
            }
        }

        return ordered;
    }

    private static int StageOf(in Record record) => record.Epoch > 0 ? 2 : record.Type == RecordType.ChangeCipherSpec ? 1 : 0;

    private static HandshakeOutcome OutcomeOf(TlsFatalAlert alert, ServerHandshake server) => alert.AlertDescription switch
    {
        _ when server.AlertReceived is not null => HandshakeOutcome.GivenUpByPeer,
        _ when server.CertificateProblem is not null => HandshakeOutcome.BadCertificate,
        AlertDescription.bad_record_mac or AlertDescription.decrypt_error when server.ClaimedName is not null =>
            server.KeyCount == 0 ? HandshakeOutcome.UnknownIdentity : HandshakeOutcome.WrongKey,
        AlertDescription.decrypt_error or AlertDescription.bad_certificate or AlertDescription.certificate_expired or AlertDescription.certificate_unknown
            or AlertDescription.unknown_ca or AlertDescription.unsupported_certificate => HandshakeOutcome.BadCertificate,
        AlertDescription.handshake_failure or AlertDescription.protocol_version or AlertDescription.insufficient_security
            => HandshakeOutcome.NothingInCommon,
        AlertDescription.internal_error => HandshakeOutcome.Failed,
        _ => HandshakeOutcome.Malformed,
    };
}

/// <summary>How far a run went.</summary>
/// <param name="Outcome">How the handshake ended; null when more has to come.</param>
/// <param name="Server">What the server knows.</param>
/// <param name="Said">All records that were said, from the beginning.</param>
internal sealed record HandshakeStep(HandshakeOutcome? Outcome, ServerHandshake Server, IReadOnlyList<byte[]> Said)
{
    public Exception? Failure { get; init; }
}
