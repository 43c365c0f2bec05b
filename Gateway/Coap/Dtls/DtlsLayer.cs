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

    private static readonly TimeSpan HousekeepingTime = TimeSpan.FromSeconds(1);

    // In so many rounds each session has been looked at.
    private const int RoundsPerSweep = 60;

    // What the calling thread has just opened: whoever asks who that was need not look for it.
    [ThreadStatic]
    private static Association? _current;

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ForgeryRates _forgeries;
    private readonly ITimer _timer;

    public DtlsLayer(DtlsSettings settings, IDtlsKeys keys, TimeProvider time, DtlsMetrics metrics, ILogger<DtlsLayer> log)
    {
        (Settings, Metrics, _time, _log) = (settings, metrics, time, log);
        var chance = new Random(BinaryPrimitives.ReadInt32LittleEndian(RandomNumberGenerator.GetBytes(sizeof(int))));
        Associations = new AssociationTable(settings.MaxSessions, time.TimestampsIn(TimeSpan.FromHours(settings.SessionIdleHours)), chance);
        Handshakes = new Handshakes(settings, keys, Associations, time, metrics, log);
        _forgeries = new ForgeryRates(time);
        _timer = time.CreateTimer(_ => KeepHouse(), null, HousekeepingTime, HousekeepingTime);
        metrics.Observe(Associations, () => Handshakes.Count);
    }

    public DtlsSettings Settings { get; }

    public DtlsMetrics Metrics { get; }

    public AssociationTable Associations { get; }

    public Handshakes Handshakes { get; }

    public void Start() => Handshakes.Start();

    public void Dispose()
    {
        _timer.Dispose();
        Handshakes.Dispose();
    }

    /// <summary>Puts DTLS between a socket and whoever receives from it.</summary>
    public DtlsSocket Wrap(IDatagramSocket socket) => new(socket, this, _log);

    /// <summary>Who the peer of a session is; null when there is no such session any more.</summary>
    public DtlsIdentity? IdentityOf(in Peer peer) =>
        (_current is { } current && current.Number == peer.Association ? current : Associations.Find(peer.Association))?.Identity;

    /// <summary>Ends the sessions of an identity, whose keys are not valid any more.</summary>
    public void EndSessions(string name)
    {
        foreach (var association in Associations.ToArray())
        {
            if (association.Identity?.Name == name)
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
            if (record.Epoch == 0)
            {
                Handshakes.Take(source, datagram, socket);
                return;
            }

            TakeProtected(source, record, room);
            datagram = datagram[record.Whole.Length..];
        }
        while (Record.TryRead(datagram, HandshakeConnectionId.Length, out record));
    }

    private void TakeProtected(in Peer source, in Record record, Span<byte> room)
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
                if (opened.Moved)
                {
                    Move(association, before);
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

        return Associations.FindAt(source) is { HasConnectionId: false } association ? association : null;
    }

    private void Move(Association association, in Peer before)
    {
        Associations.Move(association, before);
        Metrics.Moved();
        _log.Moved(association.Source, association.Identity?.Name, before);
    }

    private void Deliver(Association association, in OpenedRecord opened)
    {
        switch (opened.Type)
        {
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
        association.Home!.Send(association, RecordType.Alert, [level, (byte)alert], atOnce: false);
    }

    private void KeepHouse()
    {
        try
        {
            var now = _time.GetTimestamp();
            Handshakes.Expire(now);
            Associations.Sweep(now, (Associations.Count / RoundsPerSweep) + 1);
        }
        catch (Exception exception)
        {
            _log.HousekeepingFailed(exception);
        }
    }
}
