using Gateway.Protos.Efento;

namespace Gateway.Cli;

/// <summary>What an Efento sensor measures, and has measured and not yet got rid of: continuous channels all at the same times, binary ones as they change. Of the sensor's task.</summary>
internal sealed class EfentoChannels
{
    /// <summary>The code that takes the place of a failed temperature.</summary>
    public const int FailedTemperature = 8_388_557;

    // A sensor's memory is bounded too; the oldest is lost then. A message holds no more than fits into a datagram beside the rest.
    private const int MostKept = 2000;
    private const int MostInMessage = 60;

    private readonly EfentoQuantity[] _quantities;
    private readonly Random _chance;
    private readonly List<long> _times = [];
    private readonly List<int>[] _samples;
    private readonly List<(long Second, bool State)>[] _changes;
    private readonly bool[] _states;
    private readonly long[] _rangeStarts;
    private long _seenUntil;

    // Of the message that is under way.
    private int _taken;
    private long _takenUntil;

    public EfentoChannels(IReadOnlyList<EfentoQuantity> quantities, Random chance, long now)
    {
        (_quantities, _chance, _seenUntil) = ([.. quantities], chance, now);
        _samples = [.. quantities.Select(_ => new List<int>())];
        _changes = [.. quantities.Select(_ => new List<(long, bool)>())];
        _states = new bool[quantities.Count];
        _rangeStarts = [.. quantities.Select(_ => now)];
    }

    /// <summary>The types, by channel.</summary>
    public IEnumerable<MeasurementType> Types => _quantities.Select(quantity => quantity.Type);

    /// <summary>Measures the continuous channels.</summary>
    public void Sample(long second)
    {
        _times.Add(second);
        for (var i = 0; i < _quantities.Length; i++)
        {
            if (_quantities[i].Next is { } next)
            {
                _samples[i].Add(next(_chance, second));
            }
        }

        if (_times.Count > MostKept)
        {
            Drop(1);
        }
    }

    /// <summary>Lets binary channels change now and then, up to an instant.</summary>
    public void Watch(long now)
    {
        if (now <= _seenUntil)
        {
            return;
        }

        for (var i = 0; i < _quantities.Length; i++)
        {
            if (_quantities[i] is { IsBinary: true, IsOutput: false } && _chance.NextDouble() < 0.3)
            {
                Change(i, !_states[i], _seenUntil + 1 + _chance.NextInt64(now - _seenUntil));
            }
        }

        _seenUntil = now;
    }

    /// <summary>Switches an output, if the channel is one.</summary>
    /// <param name="channel">The channel, from 0.</param>
    /// <param name="isOn">How.</param>
    /// <param name="now">When.</param>
    public void Switch(uint channel, bool isOn, long now)
    {
        if (channel < _quantities.Length && _quantities[channel].IsOutput && _states[channel] != isOn)
        {
            Change((int)channel, isOn, Math.Max(now, LastChangeOf((int)channel) + 1));
        }
    }

    /// <summary>Puts what has been measured into a message, the oldest first, as far as one period holds.</summary>
    /// <param name="period">The present period in seconds.</param>
    /// <param name="now">The time.</param>
    /// <param name="message">The message, which gets its channels.</param>
    /// <param name="readings">Gets what must come of them.</param>
    /// <returns>The period of the samples in it.</returns>
    public long Take(long period, long now, ProtoMeasurements message, List<ExpectedReading> readings)
    {
        period = _times.Count > 1 ? _times[1] - _times[0] : period;
        _taken = _times.Count == 0 ? 0 : 1;
        while (_taken < Math.Min(_times.Count, MostInMessage) && _times[_taken] - _times[_taken - 1] == period)
        {
            _taken++;
        }

        _takenUntil = now;
        for (var i = 0; i < _quantities.Length; i++)
        {
            message.Channels.Add(_quantities[i].IsBinary ? Binary(i, now, readings) : Continuous(i, readings));
        }

        AddTotals(readings);
        return period;
    }

    /// <summary>The sensor need not keep what was in the last message.</summary>
    public void Forget()
    {
        Drop(_taken);
        for (var i = 0; i < _quantities.Length; i++)
        {
            // What has changed since stays, and the next range begins behind the last.
            _changes[i].RemoveAll(change => change.Second <= _takenUntil);
            _rangeStarts[i] = Math.Max(_rangeStarts[i], _takenUntil + 1);
        }

        _taken = 0;
    }

    /// <summary>The sensor's memory is erased.</summary>
    public void Erase(long now)
    {
        (_taken, _takenUntil) = (_times.Count, now);
        Forget();
    }

    private ProtoChannel Continuous(int channel, List<ExpectedReading> readings)
    {
        var quantity = _quantities[channel];
        var proto = new ProtoChannel { Type = quantity.Type, Timestamp = _taken > 0 ? (int)_times[0] : 0 };
        proto.StartPoint = _samples[channel].Take(_taken).FirstOrDefault(raw => raw != FailedTemperature);
        for (var i = 0; i < _taken; i++)
        {
            var raw = _samples[channel][i];
            proto.SampleOffsets.Add(raw == FailedTemperature ? raw : raw - proto.StartPoint);
            readings.Add(raw == FailedTemperature ? ExpectedReading.ErrorAt(quantity.Index, _times[i]) : ExpectedReading.At(quantity.Index, _times[i], quantity.ValueOf(raw)));
        }

        return proto;
    }

    // The ends of the reported range, and the changes in between; each as seconds after its start, plus one, with the state as its sign.
    private ProtoChannel Binary(int channel, long now, List<ExpectedReading> readings)
    {
        var (quantity, start) = (_quantities[channel], _rangeStarts[channel]);
        var proto = new ProtoChannel { Type = quantity.Type, Timestamp = (int)start };
        if (start > now)
        {
            return proto;
        }

        var changes = _changes[channel].Where(change => change.Second <= now).ToList();
        var first = _changes[channel].Count > 0 ? !_changes[channel][0].State : _states[channel];
        List<(long Second, bool State)> told = changes.Count > 0 && changes[0].Second == start ? [.. changes] : [(start, first), .. changes];
        if (told[^1].Second < now)
        {
            told.Add((now, told[^1].State));
        }

        foreach (var (second, state) in told)
        {
            var offset = (int)(second - start) + 1;
            proto.SampleOffsets.Add(state ? offset : -offset);
            readings.Add(ExpectedReading.At(quantity.Index, second, state ? 1 : 0));
        }

        return proto;
    }

    private void AddTotals(List<ExpectedReading> readings)
    {
        for (var i = 0; i < _quantities.Length; i++)
        {
            if (_quantities[i].Total is { } total)
            {
                for (var j = 0; j < _taken; j++)
                {
                    readings.Add(ExpectedReading.At(
                        total.Index, _times[j], (_quantities[total.Major].ValueOf(_samples[total.Major][j]) * total.Weight) + _quantities[i].ValueOf(_samples[i][j])));
                }
            }
        }
    }

    // A state lasts a second at least, for its time is told in seconds.
    private void Change(int channel, bool state, long second)
    {
        if (second > LastChangeOf(channel))
        {
            _changes[channel].Add((second, state));
            _states[channel] = state;
        }
    }

    private long LastChangeOf(int channel) => _changes[channel].Count > 0 ? _changes[channel][^1].Second : _rangeStarts[channel] - 1;

    private void Drop(int count)
    {
        _times.RemoveRange(0, count);
        foreach (var samples in _samples)
        {
            samples.RemoveRange(0, Math.Min(count, samples.Count));
        }
    }
}
