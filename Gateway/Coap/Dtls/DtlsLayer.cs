using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Tls;

namespace Gateway.Coap.Dtls;

/// <summary>
/// DTLS 1.2 between the sockets and the message layer: shakes hands, opens what comes, and seals what goes. All sockets share its sessions,
/// for a device that moves may come in at another one.
/// </summary>
//
//   datagram ──► record ──┬─ epoch 0 ─────────────────► Handshakes ──► a new session
//                         ├─ connection id ──┐
//                         └─ address ────────┴─ session? ── opens? ──► message ──► the message layer of the session's socket
//
internal sealed class DtlsLayer : IDisposable
{
    private const byte Warning = 1;
    private const byte Fatal = 2;
    private const byte ClientHello = 1;

    // A session in doubt is not asked more often: somebody could have it asked by records that were sent before.
    private static readonly TimeSpan PingPause = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan HousekeepingTime = TimeSpan.FromSeconds(1);

    // In so many rounds each session has been looked at.
    private const int RoundsPerSweep = 60;

    // In so many rounds the files of the certificate are looked at.
    private const int RoundsPerLook = 5;

    // What the calling thread has just opened: whoever asks who that was need not look for it.
    [ThreadStatic]
    private static Association? _current;

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ForgeryRates _forgeries;
    private readonly ITimer _timer;
    private readonly IDtlsKeys _keys;
    private readonly IDtlsCertificates _pins;
    private readonly CredentialFiles? _files;
    private readonly SessionKeeper? _keeper;
    private readonly long _pingPause;

    // Counts the rounds of housekeeping; one thread at a time is in it.
    private readonly Lock _housekeeping = new();
    private int _round;

    public DtlsLayer(DtlsSettings settings, IDtlsKeys keys, IDtlsCertificates pins, TimeProvider time, DtlsMetrics metrics, ILogger<DtlsLayer> log, ISessionVault? vault = null)
    {
        (Settings, Metrics, _keys, _pins, _time, _log) = (settings, metrics, keys, pins, time, log);
        _files = settings.X509 is { } x509 ? new CredentialFiles(x509) : null;
        var chance = new Random(BinaryPrimitives.ReadInt32LittleEndian(RandomNumberGenerator.GetBytes(sizeof(int))));
        Associations = new AssociationTable(settings.MaxSessions, time.TimestampsIn(TimeSpan.FromHours(settings.SessionIdleHours)), chance);
        _keeper = vault is null ? null : new SessionKeeper(vault, Associations, keys, pins, time, metrics, log);
        _pingPause = time.TimestampsIn(PingPause);
        Handshakes = new Handshakes(TermsWith(null), Associations, time, metrics, log) { Completed = _keeper is null ? null : _keeper.Add };
        _forgeries = new ForgeryRates(time);
        _timer = time.CreateTimer(_ => KeepHouse(), null, HousekeepingTime, HousekeepingTime);
        metrics.Observe(Associations, () => Handshakes.Count);
    }

    public DtlsSettings Settings { get; }

    public DtlsMetrics Metrics { get; }

    public AssociationTable Associations { get; }

    public Handshakes Handshakes { get; }

    /// <exception cref="CoapBindException">The certificate can't be used.</exception>
    public void Start()
    {
        if (_files is not null)
        {
            _files.Look();
            Handshakes.Terms = TermsWith(_files.Current ?? throw new CoapBindException(_files.Problem!));
        }

        _keeper?.Start(Settings.MaxSessions);
        Handshakes.Start();
    }

    /// <summary>Keeps the sessions for the next start. Nothing may come in any more.</summary>
    public void Stop()
    {
        lock (_housekeeping)
        {
            _keeper?.Stop();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        lock (_housekeeping)
        {
            _keeper?.Dispose();
        }

        Handshakes.Dispose();
    }

    /// <summary>Puts DTLS between a socket and whoever receives from it.</summary>
    public DtlsSocket Wrap(IDatagramSocket socket) => new(socket, this, _log);

    /// <summary>Who the peer of a session is; null when there is no such session any more.</summary>
    public DtlsIdentity? IdentityOf(in Peer peer) =>
        (_current is { } current && current.Number == peer.Association ? current : Associations.Find(peer.Association))?.Identity;

    /// <summary>Ends the sessions of an identity, whose keys are not valid any more.</summary>
    public void EndSessions(string name) => EndSessions(association => association.Identity is { Kind: CredentialKind.PreSharedKey } identity && identity.Name == name);

    /// <summary>Ends the sessions of a certificate or public key that is not taken any more.</summary>
    public void EndSessions(CertificateFingerprint fingerprint) =>
        EndSessions(association => association.Identity?.Kind != CredentialKind.PreSharedKey && association.Credential?.Has(fingerprint) == true);

    private void EndSessions(Func<Association, bool> isMeant)
    {
        foreach (var association in Associations.ToArray())
        {
            if (isMeant(association))
            {
                SendAlert(association, Warning, AlertDescription.close_notify);
                Associations.Remove(association);
            }
        }
    }

    /// <summary>Takes a datagram that a socket has received.</summary>
    public void Take(in Peer source, ReadOnlySpan<byte> datagram, DtlsSocket socket, Span<byte> room)
    {
        if (!Record.TryRead(datagram, HandshakeConnectionId.Length, out var record))
        {
            Metrics.Drop(DtlsDrop.Malformed);
            return;
        }

        do
        {
            if (record.Epoch > 0)
            {
                TakeProtected(source, record, socket, room);
            }
            else if (Handshakes.TryTake(source, datagram, socket))
            {
                return;
            }
            else
            {
                Metrics.Drop(DtlsDrop.UnknownSession);
            }

            // Who repeats what ended its handshake has its Finished behind the rest, and that is what shows that it is not somebody else.
            datagram = datagram[record.Whole.Length..];
        }
        while (Record.TryRead(datagram, HandshakeConnectionId.Length, out record));
    }

    private void TakeProtected(in Peer source, in Record record, DtlsSocket socket, Span<byte> room)
    {
        var association = Find(source, record);
        if (association is null)
        {
            if (!Handshakes.TryHear(source, record.Whole))
            {
                Metrics.Drop(DtlsDrop.UnknownSession);
            }

            return;
        }

        var now = _time.GetTimestamp();
        var before = association.Source;
        var isAtHome = before == source;
        if (!isAtHome && !_forgeries.IsWorthATry(source, now))
        {
            Metrics.Drop(DtlsDrop.HeldBack);
            return;
        }

        switch (association.Open(record, source, now, room, out var opened))
        {
            case OpenResult.Opened:
                association.Settle(socket);
                if (opened.Moved)
                {
                    Metrics.Moved();
                    _log.Moved(source, association.Identity?.Name, before);
                }

                Deliver(association, opened);
                break;
            case OpenResult.Replayed:
                Metrics.Drop(DtlsDrop.Replayed);
                break;

            // At the address of a session there may be a handshake for the next one.
            case OpenResult.Forged when isAtHome && Handshakes.TryHear(source, record.Whole):
                break;
            default:
                _forgeries.Count(source, now);
                Metrics.Drop(DtlsDrop.Forged);
                break;
        }
    }

    private Association? Find(in Peer source, in Record record)
    {
        if (record.Type == RecordType.WithConnectionId)
        {
            return Associations.Find(HandshakeConnectionId.Read(record.ConnectionId)) is { HasConnectionId: true } named ? named : null;
        }

        return Associations.FindAt(source);
    }

    private void Deliver(Association association, in OpenedRecord opened)
    {
        switch (opened.Type)
        {
            case RecordType.ApplicationData when association.Doubt is { } doubt:
                ClearUp(association, doubt, opened);
                break;
            case RecordType.ApplicationData:
                // Who sends messages has what ended the handshake.
                association.FinalFlight = null;
                _current = association;
                association.Home!.Deliver(association.Peer, opened.Message);
                _current = null;
                break;
            case RecordType.Alert when opened.Message.Length == 2:
                OnAlert(association, opened.Message[0], opened.Message[1]);
                break;
            case RecordType.Handshake when !opened.Message.IsEmpty && opened.Message[0] == ClientHello:
                // RFC 5246 §7.2.2: there is no second handshake in a session; its peer begins another session.
                SendAlert(association, Warning, AlertDescription.no_renegotiation);
                break;
            case RecordType.Handshake:
                Handshakes.RepeatFinal(association);
                break;
        }
    }

    private void ClearUp(Association association, SessionDoubt doubt, in OpenedRecord opened)
    {
        if (doubt.IsAnswer(opened.Message))
        {
            association.Believe(opened.Sequence);
            return;
        }

        Metrics.Drop(DtlsDrop.Unproven);
        if (doubt.TryPing(_time.GetTimestamp(), _pingPause, out var isHopeless))
        {
            association.Home!.Send(association, RecordType.ApplicationData, doubt.Ping, atOnce: true);
        }
        else if (isHopeless)
        {
            Associations.Remove(association);
        }
    }

    private void OnAlert(Association association, byte level, byte alert)
    {
        var name = AlertDescription.GetName(alert);
        Metrics.Alert("received", name);
        _log.AlertReceived(association.Source, name, association.Identity?.Name);
        if (alert == AlertDescription.close_notify)
        {
            SendAlert(association, Warning, AlertDescription.close_notify);
            Associations.Remove(association);
        }
        else if (level == Fatal)
        {
            Associations.Remove(association);
        }
    }

    private void SendAlert(Association association, byte level, short alert)
    {
        Metrics.Alert("sent", AlertDescription.GetName(alert));
        association.Home?.Send(association, RecordType.Alert, [level, (byte)alert], atOnce: false);
    }

    private void KeepHouse()
    {
        lock (_housekeeping)
        {
            try
            {
                var now = _time.GetTimestamp();
                Handshakes.Expire(now);
                Associations.Sweep(now, (Associations.Count / RoundsPerSweep) + 1);
                _keeper?.Flush();
                if (_files is { Current: { } before } && ++_round % RoundsPerLook == 0)
                {
                    LookAtFiles(before);
                }
            }
            catch (Exception exception)
            {
                _log.HousekeepingFailed(exception);
            }
        }
    }

    private void LookAtFiles(ServerCredential before)
    {
        var told = _files!.Problem;
        _files.Look();
        if (_files.Problem is { } problem)
        {
            if (problem != told)
            {
                _log.CredentialUnusable(problem);
            }
        }
        else if (!ReferenceEquals(_files.Current, before))
        {
            Handshakes.Terms = TermsWith(_files.Current);
            _log.CredentialReplaced(_files.Current!.Subject, _files.Current.NotAfter);
        }
    }

    private HandshakeTerms TermsWith(ServerCredential? credential) => new(Settings, _keys, _pins, credential, _time);
}
