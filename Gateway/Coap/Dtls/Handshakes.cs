using System.Collections.Concurrent;

namespace Gateway.Coap.Dtls;

/// <summary>The handshakes that are under way, and the threads that work on them. Methods may be called from any thread.</summary>
//
//   ClientHello ──► cookie? ──► rate? ──► kept ──► run ──► its flight ──► kept ──► run again ──► session
//                     │ no        │ no                 the next datagram ──┘
//                     ▼           ▼
//                 challenge     dropped
//
internal sealed class Handshakes : IDisposable
{
    // How long somebody who did not get the last flight may go on asking for it: RFC 6347 §4.2.4, twice the longest life of a datagram.
    private static readonly TimeSpan FinalFlightTime = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan WorkerEnd = TimeSpan.FromSeconds(2);

    private readonly DtlsSettings _settings;
    private readonly AssociationTable _associations;
    private readonly TimeProvider _time;
    private readonly DtlsMetrics _metrics;
    private readonly ILogger _log;
    private readonly HelloCookies _cookies;
    private readonly HandshakeRates _rates;
    private readonly FailureNotice _failures;
    private readonly long _timeout;
    private readonly long _finalFlightTime;

    private readonly ConcurrentDictionary<Peer, Handshake> _byAddress = new();

    // Each is in it at most once, and at the bound the oldest ends: so it is bounded as they are.
    private readonly BlockingCollection<Handshake> _work = [];
    private readonly Thread[] _workers;
    private readonly Lock _gate = new();

    // Guarded by _gate: all of them, the oldest first. One that is over is not kept behind one that is not.
    private readonly LinkedList<Handshake> _inOrder = new();

    public Handshakes(
        HandshakeTerms terms, AssociationTable associations, TimeProvider time, DtlsMetrics metrics, ILogger log)
    {
        var settings = terms.Settings;
        (Terms, _settings, _associations, _time, _metrics, _log) = (terms, settings, associations, time, metrics, log);
        _cookies = new HelloCookies(time);
        _rates = new HandshakeRates(settings, time);
        _failures = new FailureNotice(time, log);
        _timeout = time.TimestampsIn(TimeSpan.FromSeconds(settings.HandshakeTimeoutSeconds));
        _finalFlightTime = time.TimestampsIn(FinalFlightTime);

        // Half of the processors: what devices with sessions send is not to wait for those that are about to have one.
        _workers = [.. Enumerable.Range(0, Math.Max(1, Environment.ProcessorCount / 2)).Select(NewWorker)];
    }

    /// <summary>Called with each new session, on the thread that has computed it.</summary>
    public Action<Association>? Completed { get; init; }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _inOrder.Count;
            }
        }
    }

    /// <summary>What handshakes go by that begin from now on.</summary>
    public HandshakeTerms Terms { get; set; }

    public void Start() => Array.ForEach(_workers, worker => worker.Start());

    public void Dispose()
    {
        _work.CompleteAdding();
        Array.ForEach(_workers, worker => _ = !worker.IsAlive || worker.Join(WorkerEnd));
        _work.Dispose();
    }

    /// <summary>Takes a datagram whose first record is not protected; false when it belongs to no handshake that is under way.</summary>
    public bool TryTake(in Peer source, ReadOnlySpan<byte> datagram, DtlsSocket home)
    {
        if (!HelloCookies.IsHello(datagram))
        {
            return TryHear(source, datagram);
        }

        Greet(source, datagram, home);
        return true;
    }

    /// <summary>Takes a datagram for a handshake with its sender; false when there is none.</summary>
    public bool TryHear(in Peer source, ReadOnlySpan<byte> datagram)
    {
        if (!_byAddress.TryGetValue(source, out var handshake))
        {
            return false;
        }

        if (handshake.Hear(datagram))
        {
            Enqueue(handshake);
        }

        return true;
    }

    /// <summary>Sends what ended the handshake once more, if its receiver may not have it.</summary>
    public void RepeatFinal(Association association)
    {
        if (association is { FinalFlight: { } flight, Home: { } home } && flight.TryRepeat(_time.GetTimestamp()))
        {
            home.SendAll(association.Source, flight.Datagrams);
        }
    }

    /// <summary>Ends what takes too long.</summary>
    public void Expire(long now)
    {
        while (TakeExpired(now) is { } expired)
        {
            End(expired, HandshakeOutcome.TimedOut, null, null);
        }
    }

    private void Greet(in Peer source, ReadOnlySpan<byte> hello, DtlsSocket home)
    {
        if (_cookies.Verify(source, hello, out var challenge) is not { } request)
        {
            if (challenge is not null)
            {
                home.SendRecord(source, challenge);
            }

            return;
        }

        var digest = HelloCookies.DigestOf(hello);
        if (_byAddress.TryGetValue(source, out var known) && known.Hello == digest)
        {
            home.SendAll(source, known.LastFlight);
            return;
        }

        var now = _time.GetTimestamp();
        if (!_rates.TryBegin(source, now))
        {
            _metrics.Drop(DtlsDrop.HandshakeRate);
            return;
        }

        var handshake = new Handshake(source, home, request, digest, Terms, now);
        Admit(handshake, known);
        handshake.Begin();
        Enqueue(handshake);
    }

    private void Admit(Handshake handshake, Handshake? replaced)
    {
        if (replaced is not null)
        {
            End(replaced, HandshakeOutcome.GivenUpByPeer, null, null);
        }

        Handshake? oldest = null;
        lock (_gate)
        {
            if (_inOrder.Count >= _settings.MaxHandshakes)
            {
                oldest = _inOrder.First!.Value;
                _inOrder.RemoveFirst();
            }

            _inOrder.AddLast(handshake.Place);
            _byAddress[handshake.Source] = handshake;
        }

        if (oldest is not null)
        {
            End(oldest, HandshakeOutcome.TimedOut, null, null);
        }
    }

    private Handshake? TakeExpired(long now)
    {
        lock (_gate)
        {
            if (_inOrder.First is not { Value: var oldest } || now - oldest.StartedAt <= _timeout)
            {
                return null;
            }

            _inOrder.RemoveFirst();
            return oldest;
        }
    }

    private void Enqueue(Handshake handshake)
    {
        if (!_work.IsAddingCompleted)
        {
            _work.TryAdd(handshake);
        }
    }

    private Thread NewWorker(int number) => new(Work) { Name = $"dtls handshakes {number}", IsBackground = true };

    private void Work()
    {
        foreach (var handshake in _work.GetConsumingEnumerable())
        {
            try
            {
                Advance(handshake);
            }
            catch (Exception exception)
            {
                _log.HandshakeBroke(handshake.Source, exception);
                End(handshake, HandshakeOutcome.Failed, null, null);
            }
        }
    }

    private void Advance(Handshake handshake)
    {
        while (true)
        {
            var heard = handshake.Heard();
            var step = HandshakeRun.Go(handshake, heard, _settings.HandshakeDatagramSize);
            if (step.Outcome == HandshakeOutcome.WrongKey && handshake.KeyIndex + 1 < step.Server.KeyCount)
            {
                handshake.KeyIndex++;
                continue;
            }

            if (step.Outcome == HandshakeOutcome.Completed)
            {
                Complete(handshake, step);
                return;
            }

            handshake.Home.SendAll(handshake.Source, handshake.Say(step.Said, _settings.HandshakeDatagramSize));
            if (step.Outcome is { } outcome)
            {
                End(handshake, outcome, step.Server.Claim, step.Failure);
                return;
            }

            if (handshake.TryRest(heard.Length))
            {
                return;
            }
        }
    }

    // The session is there before its peer can know of it.
    private void Complete(Handshake handshake, HandshakeStep step)
    {
        if (!TryRemove(handshake))
        {
            return;
        }

        var now = _time.GetTimestamp();
        var final = handshake.Say(step.Said, _settings.HandshakeDatagramSize);
        var secrets = step.Server.Secrets!;
        secrets = secrets with { NextSequence = NextSequenceOf(step.Said, secrets.PeerConnectionId.Length) };
        var association = new Association(handshake.Number, secrets, isServer: true, step.Server.Identity, handshake.Source, now)
        {
            Home = handshake.Home,
            FinalFlight = new FinalFlight(final, now + _finalFlightTime),
            Credential = step.Server.Credential,
            CreatedAt = _time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        _associations.Add(association);

        // Whoever takes a key ends its sessions, and may have looked for them a moment ago.
        if (!step.Server.IsStillTrusted())
        {
            _associations.Remove(association);
            _metrics.Ended(HandshakeOutcome.UnknownIdentity, _time.GetElapsedTime(handshake.StartedAt, now));
            return;
        }

        Completed?.Invoke(association);
        _metrics.Ended(HandshakeOutcome.Completed, _time.GetElapsedTime(handshake.StartedAt, now));
        _log.ShookHands(handshake.Source, association.Identity?.Name, association.Suite.Name);
        handshake.Home.SendAll(handshake.Source, final);
    }

    private static ulong NextSequenceOf(IReadOnlyList<byte[]> said, int connectionIdLength)
    {
        var next = 0UL;
        foreach (var bytes in said)
        {
            if (Record.TryRead(bytes, connectionIdLength, out var record) && record.Epoch == Association.Epoch)
            {
                next = Math.Max(next, record.Sequence + 1);
            }
        }

        return next;
    }

    private void End(Handshake handshake, HandshakeOutcome outcome, string? claim, Exception? failure)
    {
        if (!TryRemove(handshake))
        {
            return;
        }

        _metrics.Ended(outcome, _time.GetElapsedTime(handshake.StartedAt));
        claim ??= "it has not said who it is";
        _log.HandshakeEnded(handshake.Source, outcome, claim, failure?.Message);
        if (outcome is HandshakeOutcome.UnknownIdentity or HandshakeOutcome.WrongKey or HandshakeOutcome.BadCertificate or HandshakeOutcome.NothingInCommon or HandshakeOutcome.Failed)
        {
            _failures.Tell(handshake.Source, outcome, claim);
        }
    }

    private bool TryRemove(Handshake handshake)
    {
        lock (_gate)
        {
            if (handshake.Place.List is not null)
            {
                _inOrder.Remove(handshake.Place);
            }
        }

        _byAddress.TryRemove(KeyValuePair.Create(handshake.Source, handshake));
        return handshake.TryEnd();
    }
}
