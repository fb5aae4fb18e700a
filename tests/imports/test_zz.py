import time
from tests.imports import test_faults as f
from tests.imports.test_faults import *
from imports.services import running, validation
from django.db import connection
for n in [n for n in list(globals()) if n.startswith('test_')]: del globals()[n]
def test_timing(transactional_db):
    calm = make_organization(name="Calm")
    def timed(mod, name, log):
        o=getattr(mod,name)
        def w(*a,**k):
            t=time.monotonic(); r=o(*a,**k); log.append(round(time.monotonic()-t,2)); return r
        setattr(mod,name,w)
    L={n:[] for n in ('b','an','c','k','rep')}
    timed(running,'_batch',L['b']); timed(running,'_analyze',L['an'])
    for n,k in (('_compare','c'),('_read','k'),('_repeats','rep')):
        o=getattr(validation,n); lg=L[k]
        def w(*a,o=o,lg=lg):
            t=time.monotonic(); o(*a); lg.append(round(time.monotonic()-t,2))
        validation.PHASES[{'_compare':'compare','_read':'read','_repeats':'repeats'}[n]]=w
    for wave in (0,1,2,3):
        text=people(wave,ROWS)
        for l in L.values(): l.clear()
        job = make_import(calm, text, name='x', columns=COLUMNS)
        with organization_scope(calm):
            t=time.monotonic();import_validate(job=job); run_in_process(job); print('\ncheck',time.monotonic()-t)
            t=time.monotonic();import_start(job=reread(job),actor=SCREEN); run_in_process(job); print('\nrun',time.monotonic()-t, reread(job).counts)
        print(L)
