// A minimal reference engine: what a C-ABI task engine with durable SQLite traces can reach on this machine (a ceiling, not a product).
// usage: refengine SHAPEFILE THREADS MODE [DIR]   MODE: none | normal | full | strict
//  none: no traces. normal/full: a writer thread commits trace rows (10 columns, start+end in one row) in groups, WAL sync=NORMAL/FULL;
//  a task's children do NOT wait for its row (the run is complete only when all rows are committed).
//  strict: like full, but a child may start only after its parents' rows are committed (group commit of all that is ready).
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <time.h>
#include <pthread.h>
#include <stdatomic.h>
#include <dlfcn.h>
#include <unistd.h>
#include <sqlite3.h>
static int64_t ns(void){struct timespec t;clock_gettime(CLOCK_MONOTONIC,&t);return t.tv_sec*1000000000ll+t.tv_nsec;}
typedef int64_t(*fn)(const int64_t*,size_t,int64_t*);
static int n,*pofs,*par,*cofs,*chd;static _Atomic int*deg;static int64_t*val,*ts,*te;static int*st;
static int*q;static int qh,qt;static pthread_mutex_t m=PTHREAD_MUTEX_INITIALIZER;static pthread_cond_t cv=PTHREAD_COND_INITIALIZER,wv=PTHREAD_COND_INITIALIZER;
static int*dq;static int dh,dt;static int done_tasks;static int mode;static fn f;static int sleeping,wsleep;static long commits;
static void push(int*a,int k){pthread_mutex_lock(&m);for(int i=0;i<k;i++)q[qt++]=a[i];int s=sleeping;pthread_mutex_unlock(&m);if(s){if(k>1)pthread_cond_broadcast(&cv);else pthread_cond_signal(&cv);}}
static void release_children(int i,int*buf,int*nb){for(int k=cofs[i];k<cofs[i+1];k++){int c=chd[k];if(atomic_fetch_sub(&deg[c],1)==1)buf[(*nb)++]=c;}}
static void*worker(void*x){
  int*buf=malloc(sizeof(int)*(n+1));int64_t in[4096];int fin[64],nf=0;
  for(;;){
    int got[32],g=0;pthread_mutex_lock(&m);
    if(nf){for(int i=0;i<nf;i++)dq[dt++]=fin[i];done_tasks+=nf;nf=0;if(wsleep)pthread_cond_signal(&wv);if(done_tasks==n)pthread_cond_broadcast(&cv);}
    while(qh==qt&&done_tasks<n){sleeping++;pthread_cond_wait(&cv,&m);sleeping--;}
    if(qh==qt&&done_tasks>=n){pthread_mutex_unlock(&m);break;}
    int av=qt-qh,take=av/4;if(take<1)take=1;if(take>32)take=32;while(g<take)got[g++]=q[qh++];pthread_mutex_unlock(&m);
    int nb=0;
    for(int j=0;j<g;j++){int i=got[j];int k=pofs[i+1]-pofs[i];for(int p=0;p<k&&p<4096;p++)in[p]=val[par[pofs[i]+p]];
      ts[i]=ns();st[i]=(int)f(in,k,&val[i]);te[i]=ns();fin[nf++]=i;if(mode<3)release_children(i,buf,&nb);
    }
    if(nb){push(buf,nb);}
  }
  free(buf);return 0;}
#define CK(x) do{int r=(x);if(r!=SQLITE_OK&&r!=SQLITE_DONE&&r!=SQLITE_ROW){fprintf(stderr,"%s\n",sqlite3_errmsg(db));exit(1);}}while(0)
static const char*dir;
static void*writer(void*x){
  sqlite3*db;char p[600];snprintf(p,600,"%s/ref.db",dir);unlink(p);char w[610];snprintf(w,610,"%s-wal",p);unlink(w);
  sqlite3_open(p,&db);CK(sqlite3_exec(db,"PRAGMA journal_mode=WAL;",0,0,0));CK(sqlite3_exec(db,mode==1?"PRAGMA synchronous=NORMAL":"PRAGMA synchronous=FULL",0,0,0));
  CK(sqlite3_exec(db,"CREATE TABLE trace(id INTEGER PRIMARY KEY,run INTEGER,task TEXT,attempt INTEGER,state INTEGER,t0 INTEGER,t1 INTEGER,worker INTEGER,key BLOB,out BLOB) STRICT",0,0,0));
  sqlite3_stmt*s,*b,*c;CK(sqlite3_prepare_v3(db,"INSERT INTO trace VALUES(?,?,?,?,?,?,?,?,?,?)",-1,SQLITE_PREPARE_PERSISTENT,&s,0));CK(sqlite3_prepare_v3(db,"BEGIN IMMEDIATE",-1,SQLITE_PREPARE_PERSISTENT,&b,0));CK(sqlite3_prepare_v3(db,"COMMIT",-1,SQLITE_PREPARE_PERSISTENT,&c,0));
  int*mine=malloc(sizeof(int)*n),*buf=malloc(sizeof(int)*(n+1));int total=0;char nm[32];unsigned char key[32]={7};
  while(total<n){
    pthread_mutex_lock(&m);while(dh==dt){wsleep=1;pthread_cond_wait(&wv,&m);wsleep=0;}
    int k=0;while(dh<dt&&k<4000)mine[k++]=dq[dh++];pthread_mutex_unlock(&m);
    CK(sqlite3_step(b));sqlite3_reset(b);
    for(int j=0;j<k;j++){int i=mine[j];snprintf(nm,32,"t%d",i);memcpy(key,&i,4);sqlite3_bind_int64(s,1,i+1);sqlite3_bind_int(s,2,1);sqlite3_bind_text(s,3,nm,-1,0);sqlite3_bind_int(s,4,1);sqlite3_bind_int(s,5,st[i]);sqlite3_bind_int64(s,6,ts[i]);sqlite3_bind_int64(s,7,te[i]);sqlite3_bind_int(s,8,0);sqlite3_bind_blob(s,9,key,32,0);sqlite3_bind_blob(s,10,&val[i],8,0);CK(sqlite3_step(s));sqlite3_reset(s);}
    CK(sqlite3_step(c));sqlite3_reset(c);commits++;total+=k;
    if(mode==3){int nb=0;for(int j=0;j<k;j++)release_children(mine[j],buf,&nb);if(nb)push(buf,nb);}
  }
  sqlite3_finalize(s);sqlite3_finalize(b);sqlite3_finalize(c);int64_t e=ns();int64_t*r=malloc(8);*r=e;sqlite3_close(db);return r;}
int main(int c,char**v){
  FILE*fp=fopen(v[1],"r");int T=atoi(v[2]);mode=!strcmp(v[3],"none")?0:!strcmp(v[3],"normal")?1:!strcmp(v[3],"full")?2:3;dir=c>4?v[4]:".";
  if(fscanf(fp,"%d",&n)!=1)return 1;pofs=calloc(n+2,4);int cap=1<<16,np=0;par=malloc(4*cap);
  for(int i=0;i<n;i++){int k;if(fscanf(fp,"%d",&k)!=1)return 1;pofs[i]=np;for(int j=0;j<k;j++){if(np==cap)par=realloc(par,4*(cap*=2));if(fscanf(fp,"%d",&par[np++])!=1)return 1;}}pofs[n]=np;
  void*h=dlopen("./libtask.so",RTLD_NOW);if(!h){fprintf(stderr,"%s\n",dlerror());return 1;}f=(fn)dlsym(h,"task_run");
  int64_t t0=ns();
  cofs=calloc(n+2,4);chd=malloc(4*(np+1));deg=calloc(n,4);val=calloc(n,8);ts=calloc(n,8);te=calloc(n,8);st=calloc(n,4);q=malloc(4*n+4);dq=malloc(4*n+4);
  for(int i=0;i<np;i++)cofs[par[i]+1]++;for(int i=0;i<n;i++)cofs[i+1]+=cofs[i];int*w=malloc(4*(n+1));memcpy(w,cofs,4*(n+1));
  for(int i=0;i<n;i++){for(int k=pofs[i];k<pofs[i+1];k++)chd[w[par[k]]++]=i;deg[i]=pofs[i+1]-pofs[i];if(!deg[i])q[qt++]=i;}
  pthread_t th[64],wt;if(mode)pthread_create(&wt,0,writer,0);for(int i=0;i<T;i++)pthread_create(&th[i],0,worker,0);for(int i=0;i<T;i++)pthread_join(th[i],0);
  int64_t tw=ns(),te_=tw;if(mode){void*r;pthread_join(wt,&r);te_=*(int64_t*)r;}
  unsigned long sum=0;for(int i=0;i<n;i++)if(cofs[i+1]==cofs[i])sum+=val[i];
  printf("{\"mode\":\"%s\",\"tasks\":%d,\"run_s\":%.6f,\"exec_s\":%.6f,\"per_s\":%.0f,\"commits\":%ld,\"sum\":%lu}\n",v[3],n,(te_-t0)/1e9,(tw-t0)/1e9,n/((te_-t0)/1e9),commits,sum);return 0;}
