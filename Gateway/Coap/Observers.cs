namespace Gateway.Coap;

/// <summary>
/// RFC 7641, the server's side: keeps the lists of observers, asks a resource again when it has changed or its last answer is
/// about to grow stale, and sends what it says to each observer as a CON. May be called from any thread.
/// </summary>
//
//   GET, Observe: 0 ──► asked ──┬─ 2.xx ──► listed; the answer has Observe
//                               └─ else ──► the answer is all
//
//   Notify, or Max-Age is running out ──► asked again ──┬─ 2.xx ──► CON with Observe; in place of one that still waits
//                                                       └─ else ──► CON without Observe; the end
//
//   RST, given up, Observe: 1 ──► the end
//
//   A resource that tells its observers itself is not asked: it is told when Max-Age is running out, and what it says waits for its own end.
//
// One lock, one timer. Neither is a resource asked under the lock, nor anything sent.
internal sealed class Observers : IDisposable
{
    // RFC 7641 §4.2: 4.06 to who registered for another Content-Format than there is now.
    private static readonly CoapResponse OtherFormat = CoapResponse.Error(CoapCode.NotAcceptable, "its Content-Format has changed");

    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();

    // From here on: guarded by _gate.
    private readonly ObservationTable _table;
    private long _lastSequence;
    private bool _closed;

    public Observers(CoapSettings settings, TimeProvider time, CoapMetrics metrics, ILogger log)
    {
        (_time, _log) = (time, log);
        _table = new ObservationTable(settings.MaxObservers, settings.MaxObserversPerPeer);
        _timer = time.CreateTimer(_ => RefreshDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        metrics.ObserveObservers(() => Count);
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _table.Count;
            }
        }
    }

    /// <summary>Answers a request with an Observe option for a resource that can be observed.</summary>
    public async ValueTask<CoapResponse?> AnswerAsync(Observation observation, ObserveAction action)
    {
        // RFC 7641 §4.1: an entry with the same peer and token is replaced; with Observe: 1 it is only removed.
        End(observation.Peer, observation.Token);

        // Listed before the resource is asked, so that no change after that is missed.
        var listed = action == ObserveAction.Register && TryAdd(observation);
        var answer = await observation.AskAsync().ConfigureAwait(false);
        if (!listed || Take(observation, answer) is not { } sequence)
        {
            return answer;
        }

        // No notification may overtake the answer, so the resource is not asked again before that is on its way.
        return WithSequence(answer!, sequence) with { Sent = () => Continue(observation) };
    }

    /// <summary>The resource at the path has changed: each of its observers is told, or will be. A resource that answers at once is asked before this returns.</summary>
    public void Notify(IReadOnlyList<string> path)
    {
        List<Observation> begun;
        lock (_gate)
        {
            begun = [.. _table.At(Observation.PathOf(path)).Where(observation => observation.Observer is null && observation.TryBeginAsking())];
        }

        begun.ForEach(Refresh);
    }

    /// <summary>Whether an observation is still kept up to date.</summary>
    public bool IsListed(Observation observation)
    {
        lock (_gate)
        {
            return _table.Contains(observation);
        }
    }

    /// <summary>See <see cref="Observer.Tell"/>.</summary>
    public bool Tell(Observation observation, CoapResponse notification, Action<TransmissionEnd> ended)
    {
        uint sequence;
        lock (_gate)
        {
            if (!_table.Contains(observation) || !GoesOn(notification) || !observation.KeepsFormat(notification))
            {
                return false;
            }

            sequence = Schedule(observation, notification);
        }

        var message = WithSequence(notification, sequence).ToMessage(MessageType.Confirmable, default, observation.Token);
        var id = observation.Outbox.Send(observation.Peer, message, end =>
        {
            OnEnded(observation, end);
            ended(end);
        });
        lock (_gate)
        {
            observation.LastId = id;
        }

        return true;
    }

    /// <summary>See <see cref="Observer.Dismiss"/>.</summary>
    public void Dismiss(Observation observation) => End(observation.Peer, observation.Token, observation);

    /// <summary>Forgets all observers, without a word to them: they find out when Max-Age is over.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _timer.Dispose();
            foreach (var observation in _table.All.ToArray())
            {
                _table.Remove(observation);
            }
        }
    }

    private static CoapResponse WithSequence(CoapResponse answer, uint sequence) =>
        answer with { MoreOptions = [.. answer.MoreOptions, UintOption.Of(OptionNumber.Observe, sequence)] };

    private static bool GoesOn(CoapResponse? answer) => answer is { Code.Class: 2 };

    private bool TryAdd(Observation observation)
    {
        string? limit;
        lock (_gate)
        {
            if (_closed || _table.TryAdd(observation, out limit))
            {
                return !_closed;
            }
        }

        // RFC 7641 §4.1: a server that can't or won't add an entry just answers the request.
        _log.TooManyObservers(observation.Peer, observation.Path, limit);
        return false;
    }

    // The first answer: the sequence number that goes with it, or null when there is nothing to observe any more.
    private uint? Take(Observation observation, CoapResponse? answer)
    {
        lock (_gate)
        {
            if (!_table.Contains(observation))
            {
                return null;
            }

            if (GoesOn(answer))
            {
                _ = observation.KeepsFormat(answer!);
                return Schedule(observation, answer!);
            }

            _table.Remove(observation);
            return null;
        }
    }

    private void Refresh(Observation observation) => _ = RefreshAsync(observation);

    // Nobody awaits it: it ends by itself, and only one runs for an observation.
    private async Task RefreshAsync(Observation observation)
    {
        try
        {
            do
            {
                var answer = await observation.AskAsync().ConfigureAwait(false);
                Deliver(observation, answer);
            }
            while (!TryEndAsking(observation));
        }
        catch (Exception exception)
        {
            _log.NotificationFailed(observation.Peer, observation.Path, exception);
            End(observation.Peer, observation.Token);
        }
    }

    private bool TryEndAsking(Observation observation)
    {
        lock (_gate)
        {
            // One that was ended meanwhile is asked for nobody.
            return observation.TryEndAsking() || !_table.Contains(observation);
        }
    }

    // The first answer is on its way; if the resource changed meanwhile, it is asked again.
    private void Continue(Observation observation)
    {
        if (observation.Observer is { } told)
        {
            told.Ready?.Invoke(false);
        }
        else if (!TryEndAsking(observation))
        {
            Refresh(observation);
        }
    }

    private void Deliver(Observation observation, CoapResponse? answer)
    {
        MessageId? lastId;
        uint? sequence = null;
        lock (_gate)
        {
            if (!_table.Contains(observation))
            {
                return;
            }

            lastId = observation.LastId;
            answer = GoesOn(answer) && !observation.KeepsFormat(answer!) ? OtherFormat : answer;
            if (GoesOn(answer))
            {
                sequence = Schedule(observation, answer!);
            }
            else
            {
                // RFC 7641 §4.2: an error is the last that an observer hears, and has no Observe option.
                _table.Remove(observation);
            }
        }

        if (answer is not null)
        {
            Send(observation, lastId, sequence is { } number ? WithSequence(answer, number) : answer);
        }
    }

    // RFC 7641 §4.5.2: while one waits to be acknowledged, a newer one takes its place rather than its turn.
    private void Send(Observation observation, MessageId? lastId, CoapResponse answer)
    {
        var notification = answer.ToMessage(MessageType.Confirmable, default, observation.Token);
        if (lastId is { } waiting && observation.Outbox.Replace(observation.Peer, waiting, notification))
        {
            return;
        }

        var id = observation.Outbox.Send(observation.Peer, notification, end => OnEnded(observation, end));
        lock (_gate)
        {
            observation.LastId = id;
        }
    }

    private void OnEnded(Observation observation, TransmissionEnd end)
    {
        lock (_gate)
        {
            if (end == TransmissionEnd.Acknowledged || !_table.Contains(observation))
            {
                return;
            }

            if (end == TransmissionEnd.Dropped)
            {
                // Too many wait for this peer: what it missed is sent a little later, as if Max-Age were over.
                _table.SetDeadline(observation, _time.GetTimestamp() + _time.TimestampsIn(Freshness.Min));
                ArmTimer();
                return;
            }

            // RFC 7641 §3.6, §4.5: it wants to hear no more of it, or is not there any more.
            _table.Remove(observation);
        }

        _log.ObservationEnded(observation.Peer, observation.Path, end);
    }

    private void End(Peer peer, Token token, Observation? only = null)
    {
        Observation? ended;
        MessageId? lastId;
        lock (_gate)
        {
            ended = _table.Find(peer, token);
            if (ended is null || (only is not null && ended != only))
            {
                return;
            }

            _table.Remove(ended);
            lastId = ended.LastId;
        }

        if (lastId is { } id)
        {
            ended.Outbox.Drop(peer, id);
        }
    }

    private void RefreshDue()
    {
        List<Observation> begun = [];
        List<Observer> ready = [];
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            var now = _time.GetTimestamp();
            while (_table.TryTakeDue(now, out var due))
            {
                if (due.Observer is { } told)
                {
                    // It need not be told anything at once, and is asked about again.
                    ready.Add(told);
                    _table.SetDeadline(due, now + _time.TimestampsIn(due.Patience));
                }
                else if (due.TryBeginAsking())
                {
                    begun.Add(due);
                }
            }

            ArmTimer();
        }

        begun.ForEach(Refresh);
        ready.ForEach(told => told.Ready?.Invoke(true));
    }

    // Under _gate. Returns the sequence number of the answer, and sees to it that the next one comes in time.
    private uint Schedule(Observation observation, CoapResponse answer)
    {
        observation.Patience = Freshness.Of(answer);
        _table.SetDeadline(observation, _time.GetTimestamp() + _time.TimestampsIn(observation.Patience));
        ArmTimer();

        // RFC 7641 §4.4: they must grow, and by less than 2^23 within 128 seconds. Milliseconds do, also from one start of the
        // server to the next, as long as there are not 65 of them for each.
        _lastSequence = Math.Max(_lastSequence + 1, _time.GetUtcNow().ToUnixTimeMilliseconds());
        return (uint)(_lastSequence & 0xffffff);
    }

    // Under _gate.
    private void ArmTimer()
    {
        if (!_closed && _table.NextDeadline is var next and < long.MaxValue)
        {
            _timer.Change(_time.TimerSpan(_time.GetTimestamp(), next), Timeout.InfiniteTimeSpan);
        }
    }
}
