namespace Pipeline.Tests.Support;

/// <summary>A clock that stands until it is moved on.</summary>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock turn = new();
    private readonly List<Timer> timers = [];
    private DateTimeOffset now = start;

    /// <summary>How many timers wait for their time.</summary>
    public int Waiting
    {
        get
        {
            lock (turn)
                return timers.Count(t => t.Due > now);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (turn)
            return now;
    }

    /// <summary>Moves the clock on and fires what is due.</summary>
    public void Advance(TimeSpan time)
    {
        Timer[] due;
        lock (turn)
        {
            now += time;
            due = [.. timers.Where(t => t.Due <= now)];
            foreach (var timer in due)
                timers.Remove(timer);
        }
        foreach (var timer in due)
            timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>A timer that fires once.</summary>
    private sealed class Timer(ManualTime clock, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset Due { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock.turn)
            {
                clock.timers.Remove(this);
                if (dueTime == Timeout.InfiniteTimeSpan)
                    return true;
                Due = clock.now + dueTime;
                clock.timers.Add(this);
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock.turn)
                clock.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
