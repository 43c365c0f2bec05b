using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Data.Sqlite;

namespace Gateway.Access;

/// <summary>
/// The keys in memory. What another process writes into the file, such as <c>gateway key add</c>, is known within a second: SQLite counts
/// the writes, and the count is looked at when somebody knocks.
/// </summary>
internal sealed class KeyRing : IDisposable
{
    private const int MaxKeys = 1000;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly AccessStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<KeyRing> _log;
    private readonly SqliteConnection _watch;

    // Whoever looks, and uses the connection that watches.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private FrozenDictionary<KeyId, ApiKey> _keys = FrozenDictionary<KeyId, ApiKey>.Empty;
    private long _version = -1;
    private long _lookedAt;

    public KeyRing(AccessStore store, TimeProvider time, ILogger<KeyRing> log)
    {
        (_store, _time, _log) = (store, time, log);
        _watch = store.Watch();
        Look();
    }

    public IEnumerable<ApiKey> All => Current().Values.OrderBy(key => key.CreatedAt).ThenBy(key => key.Id.Value, StringComparer.Ordinal);

    /// <summary>Whether there has never been a key. One that is revoked or has expired keeps the door shut.</summary>
    public bool IsEmpty => Current().Count == 0;

    public ApiKey? Find(KeyId id) => Current().GetValueOrDefault(id);

    /// <summary>The key that somebody has; null when it is none, and <paramref name="problem"/> says why, as far as whoever has it may know.</summary>
    public ApiKey? Check(string text, out string? problem)
    {
        problem = "this is no key of this gateway";
        var known = KeyText.TryParse(text, out var key) ? Find(key.Id) : null;

        // As much work for a key that is not there.
        if (!(known?.Hash ?? KeyHash.OfNobody).Fits(key.Secret ?? "") || known is null)
        {
            return null;
        }

        problem = known.ProblemAt(_time.GetUtcNow());
        return problem is null ? known : null;
    }

    /// <summary>Makes a key; the text is shown to its owner once, and kept nowhere.</summary>
    /// <exception cref="AccessUnavailableException">It can't be kept.</exception>
    public async ValueTask<(ApiKey Key, KeyText Text)> AddAsync(
        string name, ImmutableArray<Role> roles, DateTimeOffset? expiresAt, Func<ApiKey, AuditRecord> change, string by, CancellationToken cancellation)
    {
        var (key, text) = Make(name, roles, expiresAt, by, _time.GetUtcNow());
        await _store.WriteAsync(
            connection =>
            {
                Save(connection, key, change(key));
                return true;
            },
            cancellation);
        await RefreshAsync();
        return (key, text);
    }

    /// <summary>Takes a key back, for good.</summary>
    public async ValueTask<ApiKey> RevokeAsync(ApiKey key, Func<ApiKey, AuditRecord> change, CancellationToken cancellation)
    {
        var revoked = key with { RevokedAt = _time.GetUtcNow() };
        await _store.WriteAsync(
            connection =>
            {
                KeyTable.Revoke(connection, key.Id, revoked.RevokedAt.Value);
                AuditTable.Insert(connection, change(revoked));
                return true;
            },
            cancellation);
        await RefreshAsync();
        return revoked;
    }

    public static (ApiKey Key, KeyText Text) Make(string name, ImmutableArray<Role> roles, DateTimeOffset? expiresAt, string by, DateTimeOffset now)
    {
        var text = KeyText.Create();
        var key = new ApiKey { Id = text.Id, Name = name, Roles = roles, Hash = KeyHash.Of(text.Secret), CreatedAt = now, CreatedBy = by, ExpiresAt = expiresAt };
        return (key, text);
    }

    /// <summary>Keeps a key and the record of its making; both or neither, within the caller's transaction.</summary>
    public static void Save(SqliteConnection connection, ApiKey key, AuditRecord change)
    {
        KeyTable.Forget(connection, MaxKeys - 1, key.CreatedAt);
        if (AccessFile.Scalar(connection, "SELECT count(*) FROM keys") >= MaxKeys)
        {
            throw new AccessException($"there are {MaxKeys} keys in use already: revoke one that nobody needs");
        }

        KeyTable.Insert(connection, key);
        AuditTable.Insert(connection, change);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _turn.Dispose();
    }

    // Whoever comes while another one looks goes by what was known before.
    private FrozenDictionary<KeyId, ApiKey> Current()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _lookedAt)) >= Fresh && _turn.Wait(0))
        {
            TryLook();
        }

        return Volatile.Read(ref _keys);
    }

    private async ValueTask RefreshAsync()
    {
        await _turn.WaitAsync();
        TryLook();
    }

    private void TryLook()
    {
        try
        {
            Look();
        }
        catch (SqliteException e)
        {
            _log.KeysUnreadable(e.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Look()
    {
        Volatile.Write(ref _lookedAt, _time.GetTimestamp());
        var version = AccessFile.Scalar(_watch, "PRAGMA data_version");
        if (version == _version)
        {
            return;
        }

        var keys = _store.Read(KeyTable.All).ToFrozenDictionary(key => key.Id);
        var isNews = _version >= 0 && !States(keys).SetEquals(States(_keys));
        _version = version;
        Volatile.Write(ref _keys, keys);
        if (isNews)
        {
            var now = _time.GetUtcNow();
            _log.KeysRead(keys.Values.Count(key => key.ProblemAt(now) is null));
        }
    }

    private static HashSet<(KeyId, DateTimeOffset?)> States(FrozenDictionary<KeyId, ApiKey> keys) => [.. keys.Values.Select(key => (key.Id, key.RevokedAt))];
}
