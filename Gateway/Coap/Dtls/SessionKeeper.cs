using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Gateway.Coap.Dtls;

/// <summary>
/// Keeps the sessions over a restart. A session is written when it begins, and all of them when the gateway stops; never for a record.
/// Only <see cref="Add"/> may be called from any thread.
/// </summary>
//
//   running   | head: running, time | session as it began | session as it began | …       what has come since is in doubt
//   stopped   | head: stopped, time | session as it is    | session as it is    | …       nothing is
//
internal sealed class SessionKeeper(
    ISessionVault vault, AssociationTable associations, IDtlsKeys keys, IDtlsCertificates pins, TimeProvider time, DtlsMetrics metrics, ILogger log)
    : IDisposable
{
    private const byte HeadForm = 0;
    private const int HeadSize = 1 + 1 + sizeof(long);

    // With fewer to leave out, writing all of them anew is not worth it.
    private const int MinStale = 4096;

    private readonly ConcurrentQueue<Association> _new = new();
    private int _written;
    private bool _isStopped;

    // What was written last may be there in part, and whatever is put behind it can't be read then.
    private bool _hasFailed;

    /// <summary>Takes up the sessions of before, of which at most so many, and keeps in mind that from now on records come.</summary>
    public void Start(int capacity)
    {
        try
        {
            var entries = vault.Load();
            Restore(entries, capacity);
            vault.Replace(Entries(isRunning: true, associations.ToArray()));
            _written = associations.Count;
        }
        catch (IOException exception)
        {
            // Whoever can't note that it is running must not take up what it would not know to be out of date.
            log.SessionsNotKept(exception.Message);
            Array.ForEach(associations.ToArray(), associations.Remove);
            _isStopped = true;
        }
    }

    /// <summary>A session has begun.</summary>
    public void Add(Association association) => _new.Enqueue(association);

    /// <summary>Writes what has begun since the last time.</summary>
    public void Flush()
    {
        if (_isStopped || (_new.IsEmpty && !_hasFailed))
        {
            return;
        }

        try
        {
            var begun = new List<Association>();
            while (_new.TryDequeue(out var association))
            {
                begun.Add(association);
            }

            _written += begun.Count;
            if (_hasFailed || _written > (2 * associations.Count) + MinStale)
            {
                vault.Replace(Entries(isRunning: true, associations.ToArray()));
                _written = associations.Count;
            }
            else
            {
                vault.Append(begun.Select(association => association.Save(time).ToBytes()));
            }

            _hasFailed = false;
        }
        catch (IOException exception)
        {
            if (!_hasFailed)
            {
                log.SessionsNotWritten(exception.Message);
                _hasFailed = true;
            }
        }
    }

    /// <summary>Writes all sessions as they are. No record may come any more.</summary>
    public void Stop()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        try
        {
            var sessions = associations.ToArray();
            vault.Replace(Entries(isRunning: false, sessions));
            log.SessionsSaved(sessions.Length);
        }
        catch (IOException exception)
        {
            log.SessionsNotWritten(exception.Message);
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        vault.Dispose();
    }

    private IEnumerable<byte[]> Entries(bool isRunning, Association[] sessions)
    {
        var head = new byte[HeadSize];
        (head[0], head[1]) = (HeadForm, isRunning ? (byte)1 : (byte)0);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(2), time.GetUtcNow().ToUnixTimeMilliseconds());
        return sessions.Select(session => session.Save(time).ToBytes()).Prepend(head);
    }

    private void Restore(IReadOnlyList<byte[]> entries, int capacity)
    {
        if (entries.Count == 0 || entries[0].Length != HeadSize || entries[0][0] != HeadForm)
        {
            return;
        }

        var wasRunning = entries[0][1] != 0;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (now < System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(entries[0].AsSpan(2)))
        {
            log.ClockWentBack(entries.Count - 1);
            return;
        }

        var (restored, refused) = (0, 0);
        foreach (var entry in entries.Skip(Math.Max(1, entries.Count - capacity)))
        {
            if (SavedSession.Read(entry) is { } saved && TryRestore(wasRunning ? saved with { IsInDoubt = true, LastUsed = now } : saved, now))
            {
                restored++;
            }
            else
            {
                refused++;
            }
        }

        metrics.Restored(restored);
        log.SessionsRestored(restored, refused, wasRunning ? "each is asked for a sign of life first, for the gateway was not stopped" : "they go on where they were");
    }

    private bool TryRestore(SavedSession saved, long now)
    {
        // Whoever is not known here any more, or has another key now, begins anew; and so does a session from a clock that was ahead.
        if (saved.CreatedAt > now || saved.LastUsed > now
            || (saved.Identity is not null && saved.Credential?.IsTrusted(saved.Identity, keys, pins) != true)
            || associations.Find(saved.Number) is not null)
        {
            return false;
        }

        var doubt = saved.IsInDoubt ? new SessionDoubt((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1)) : null;
        var session = Association.Restore(saved, doubt, time, now);
        if (session.IsWornOut)
        {
            return false;
        }

        associations.Add(session);
        return true;
    }
}
