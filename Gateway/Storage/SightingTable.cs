using Gateway.Devices;
using Gateway.Journal;
using Microsoft.Data.Sqlite;

namespace Gateway.Storage;

/// <summary>
/// When devices spoke last, in ticks of UTC: each minute of a busy gateway writes it for all of them, and nothing else of a device changes with
/// it. Of the store's thread alone.
/// </summary>
internal sealed class SightingTable : IDisposable
{
    internal const string Schema = "CREATE TABLE IF NOT EXISTS sightings (device TEXT PRIMARY KEY, seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

    private readonly HistoryFile _file;
    private readonly SqliteStatement _save;
    private readonly SqliteStatement _find;
    private readonly SqliteStatement _forget;

    public SightingTable(HistoryFile file, SqliteConnection connection)
    {
        _file = file;
        _save = new SqliteStatement(connection, "INSERT INTO sightings (device, seen) VALUES (?1, ?2) ON CONFLICT (device) DO UPDATE SET seen = excluded.seen");
        _find = new SqliteStatement(connection, "SELECT seen FROM sightings WHERE device = ?1");
        _forget = new SqliteStatement(connection, "DELETE FROM sightings WHERE device = ?1");
    }

    /// <summary>Saves when devices spoke, whatever was saved before: a clock that went wrong is put right. It is on disk when this returns.</summary>
    public void Save(IReadOnlyCollection<KeyValuePair<DeviceId, DateTimeOffset>> sightings)
    {
        _file.InTransaction(() =>
        {
            foreach (var (device, at) in sightings)
            {
                _save.Bind(1, device.ToString()).Bind(2, at.UtcTicks).Execute();
            }
        });
        _file.Sync();
    }

    /// <summary>When a device spoke last; null when that was not saved.</summary>
    public DateTimeOffset? Find(DeviceId device)
    {
        try
        {
            return _find.Bind(1, device.ToString()).Step() ? new DateTimeOffset(_find.Int64(0), TimeSpan.Zero) : null;
        }
        finally
        {
            _find.Reset();
        }
    }

    /// <summary>Forgets devices: those that are deleted, and what a new one's id was before.</summary>
    public void Forget(IReadOnlyCollection<DeviceId> devices) => _file.InTransaction(() =>
    {
        foreach (var device in devices)
        {
            _forget.Bind(1, device.ToString()).Execute();
        }
    });

    public void Dispose()
    {
        foreach (var statement in new[] { _save, _find, _forget })
        {
            statement.Dispose();
        }
    }
}
