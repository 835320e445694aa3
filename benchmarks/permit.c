/* The permit process, written in C for this one model: what hand-made code reaches on this machine.
 *
 * Keeps every visit in memory (case, activity, person, enter, start, end), serves queues first come, first served and
 * names persons. Prints one JSON object. It knows no other process, no priorities, no batches and no cancellation.
 *
 * usage: permit CASES always|office_hours SEED
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { INTAKE, COMPLETENESS, LEGAL, SITE, SIGN, ACTIVITIES };
enum { CLERKS, SPECIALISTS, DIRECTORS, POOLS };
enum { MOST_STAFF = 4, MOST_EVENTS = 16, BATCHES = 20 };

static const double MEAN_HOURS[ACTIVITIES] = {1.12, 1.12, 1.2, 1.2, 2.0};
static const int POOL_OF[ACTIVITIES] = {CLERKS, CLERKS, SPECIALISTS, SPECIALISTS, DIRECTORS};
static const double BACK = 0.3, SIGNED = 0.8;

typedef struct {
    double enter, start, end;
    int32_t number;
    uint8_t activity, person;
} Visit;

typedef struct {
    double time;
    uint64_t order; /* breaks ties: first scheduled, first served */
    Visit visit;    /* number is -1 for the next arrival */
} Event;

typedef struct {
    double enter;
    int32_t number;
    uint8_t activity;
} Waiting;

typedef struct {
    Waiting *rows; /* a ring; capacity is a power of two */
    size_t first, count, capacity;
    int idle;
    uint8_t people[MOST_STAFF];
} Pool;

static uint64_t random_state, scheduled;
static int office_hours;
static Event heap[MOST_EVENTS]; /* one event a person at work and one arrival: ten at most */
static int heap_count;
static Pool pools[POOLS] = {{.idle = 4, .people = {0, 1, 2, 3}}, {.idle = 3, .people = {0, 1, 2}},
                            {.idle = 2, .people = {0, 1}}};
static Visit *visits;
static size_t visit_count, visit_capacity;

static void *checked(void *memory) {
    if (memory == NULL) {
        fputs("permit: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

/* SplitMix64: G. Steele, D. Lea, C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, fig. 14 */
static uint64_t random_bits(void) {
    uint64_t z = (random_state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static double uniform(void) { return ((double)(random_bits() >> 11) + 0.5) * 0x1p-53; }

static double exponential(double mean) { return -mean * log(uniform()); }

/* Hours since Monday midnight from working hours (Monday to Friday, nine to five), and back. */
static double clock_of(double worked) {
    double days = floor(worked / 8), weeks = floor(days / 5);
    return weeks * 168 + (days - weeks * 5) * 24 + 9 + (worked - days * 8);
}

static double worked_at(double clock) {
    double weeks = floor(clock / 168), left = clock - weeks * 168, days = floor(left / 24);
    if (days >= 5) return weeks * 40 + 40;
    return weeks * 40 + days * 8 + fmin(fmax(left - days * 24 - 9, 0), 8);
}

static int before(const Event *a, const Event *b) {
    return a->time < b->time || (a->time == b->time && a->order < b->order);
}

static void schedule(double time, Visit visit) {
    Event event = {time, scheduled++, visit};
    int hole = heap_count++;
    for (int parent; hole > 0 && before(&event, &heap[parent = (hole - 1) / 2]); hole = parent)
        heap[hole] = heap[parent];
    heap[hole] = event;
}

static Event next_event(void) {
    Event first = heap[0], last = heap[--heap_count];
    int hole = 0;
    for (int child; (child = 2 * hole + 1) < heap_count; hole = child) {
        if (child + 1 < heap_count && before(&heap[child + 1], &heap[child])) child++;
        if (!before(&heap[child], &last)) break;
        heap[hole] = heap[child];
    }
    heap[hole] = last;
    return first;
}

static void line_up(Pool *pool, Waiting row) {
    if (pool->count == pool->capacity) {
        size_t capacity = pool->capacity ? 2 * pool->capacity : 64;
        Waiting *rows = checked(malloc(capacity * sizeof *rows));
        for (size_t k = 0; k < pool->count; k++)
            rows[k] = pool->rows[(pool->first + k) & (pool->capacity - 1)];
        free(pool->rows);
        pool->rows = rows, pool->first = 0, pool->capacity = capacity;
    }
    pool->rows[(pool->first + pool->count++) & (pool->capacity - 1)] = row;
}

static void begin(double now, Waiting row) {
    Pool *pool = &pools[POOL_OF[row.activity]];
    double work = exponential(MEAN_HOURS[row.activity]);
    double end = office_hours ? clock_of(worked_at(now) + work) : now + work;
    schedule(end, (Visit){row.enter, now, end, row.number, row.activity, pool->people[--pool->idle]});
}

static void enter(double now, int32_t number, uint8_t activity) {
    Pool *pool = &pools[POOL_OF[activity]];
    Waiting row = {now, number, activity};
    if (pool->idle)
        begin(now, row);
    else
        line_up(pool, row);
}

static void record(Visit visit) {
    if (visit_count == visit_capacity) {
        visit_capacity = visit_capacity ? 2 * visit_capacity : 4096;
        visits = checked(realloc(visits, visit_capacity * sizeof *visits));
    }
    visits[visit_count++] = visit;
}

static void release(double now, Visit visit) {
    Pool *pool = &pools[POOL_OF[visit.activity]];
    pool->people[pool->idle++] = visit.person;
    if (pool->count) {
        Waiting row = pool->rows[pool->first];
        pool->first = (pool->first + 1) & (pool->capacity - 1);
        pool->count--;
        begin(now, row);
    }
}

static void go_on(double now, Visit visit, uint8_t *reviews) {
    int32_t number = visit.number;
    switch (visit.activity) {
    case INTAKE:
        enter(now, number, COMPLETENESS);
        break;
    case COMPLETENESS:
        if (uniform() < BACK) {
            enter(now, number, INTAKE);
        } else {
            enter(now, number, LEGAL);
            enter(now, number, SITE);
        }
        break;
    case LEGAL:
    case SITE:
        if (++reviews[number] == 2 && uniform() < SIGNED) enter(now, number, SIGN);
        break;
    }
}

static void simulate(int32_t cases) {
    uint8_t *reviews = checked(calloc(cases, 1));
    Visit arrival = {.number = -1};
    double arrives = exponential(1); /* working hours where there are office hours, else hours */
    int32_t arrived = 0;
    schedule(office_hours ? clock_of(arrives) : arrives, arrival);
    while (heap_count) {
        Event event = next_event();
        double now = event.time;
        if (event.visit.number >= 0) {
            record(event.visit);
            release(now, event.visit);
            go_on(now, event.visit, reviews);
            continue;
        }
        enter(now, arrived++, INTAKE);
        if (arrived < cases) {
            arrives += exponential(1);
            schedule(office_hours ? clock_of(arrives) : arrives, arrival);
        }
    }
    free(reviews);
}

/* Mean waits of the clerks' pool over equal batches of cases, for the check against theory. */
static void print_waits(int32_t cases) {
    double total[BATCHES] = {0};
    long rows[BATCHES] = {0};
    for (size_t k = 0; k < visit_count; k++) {
        const Visit *visit = &visits[k];
        if (POOL_OF[visit->activity] != CLERKS) continue;
        int batch = (int)((int64_t)visit->number * BATCHES / cases);
        total[batch] += office_hours ? worked_at(visit->start) - worked_at(visit->enter) : visit->start - visit->enter;
        rows[batch]++;
    }
    for (int batch = 0; batch < BATCHES; batch++)
        printf("%s%.9g", batch ? ", " : "", rows[batch] ? total[batch] / (double)rows[batch] : 0.0);
}

static double seconds(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Peak resident memory in MiB. A child inherits its parent's ru_maxrss on Linux, but starts with a fresh VmHWM. */
static double peak_mb(void) {
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1) break;
    if (status) fclose(status);
    if (!kilobytes) {
        struct rusage usage;
        getrusage(RUSAGE_SELF, &usage);
        kilobytes = usage.ru_maxrss;
    }
    return (double)kilobytes / 1024;
}

int main(int count, char **words) {
    long cases = count == 4 ? atol(words[1]) : 0;
    if (cases < 1 || cases > INT32_MAX || (strcmp(words[2], "always") && strcmp(words[2], "office_hours"))) {
        fputs("usage: permit CASES always|office_hours SEED\n", stderr);
        return 2;
    }
    office_hours = !strcmp(words[2], "office_hours");
    random_state = strtoull(words[3], NULL, 10) * 0xD1342543DE82EF95u;

    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    simulate((int32_t)cases);
    wall = seconds(CLOCK_MONOTONIC) - wall, cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;

    printf("{\"cases\": %ld, \"visits\": %zu, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"peak_mb\": %.1f, \"waits_h\": [", cases,
           visit_count, wall, cpu, peak_mb());
    print_waits((int32_t)cases);
    puts("]}");
    return 0;
}
